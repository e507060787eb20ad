// `npm run migrations`: builds what is not released yet from the schema files, and writes down what the database is.
//   npm run migrations                     the baseline, until the first release
//   npm run migrations -- --new <subject>  after it: the next migration, as far as it can be written by itself
//   npm run migrations -- --freeze         a release: the migrations that are there are never edited again

import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import process from "node:process";
import { problem, textOf } from "../supabase/functions/_shared/problem.ts";
import { buildBaseline } from "./build.ts";
import { freeze, readMigrationFiles, readReleased } from "./checksums.ts";
import { cataloguesOf } from "./database.ts";
import { namesFile, namesPath } from "./names.ts";
import { writeNext } from "./next.ts";

const supabase = new URL("../supabase/", import.meta.url);
const catalogueFile = new URL("catalogue.txt", supabase);

process.exitCode = await main(process.argv.slice(2)).then(() => 0, (error) => {
  console.error(textOf(error));
  return 1;
});

async function main([command, subject]: string[]): Promise<void> {
  const released = await readReleased(supabase);
  if (command === "--freeze") {
    const frozen = await freeze(supabase);
    console.log(frozen.length > 0 ? `Frozen:\n${frozen.join("\n")}` : "All were frozen before.");
    return;
  }
  if (command === "--new") {
    console.log(`Written: supabase/migrations/${await writeNext(supabase, subject)}`);
  } else if (command !== undefined) {
    throw problem("usage", `There is no ${command}.`, {
      hint: "npm run migrations [-- --new <subject> | -- --freeze]",
    });
  } else if (released.size === 0) {
    await writeBaseline();
  }
  let catalogue = await writeCatalogue();
  if (released.size === 0 && await writeNames(catalogue)) {
    await writeBaseline();
    catalogue = await writeCatalogue();
  }
  console.log(`Written: supabase/catalogue.txt, ${catalogue.length} lines`);
}

async function writeCatalogue(): Promise<string[]> {
  const [catalogue] = await cataloguesOf(await readMigrationFiles(supabase));
  await writeFile(catalogueFile, `${catalogue!.join("\n")}\n`);
  return catalogue!;
}

/** Whether the names that the survey asks for have changed. */
async function writeNames(catalogue: string[]): Promise<boolean> {
  const file = new URL(namesPath, supabase);
  const [there, wanted] = [await readFile(file, "utf8"), namesFile(catalogue)];
  if (there === wanted) return false;
  await writeFile(file, wanted);
  console.log(`Written: supabase/${namesPath}`);
  return true;
}

async function writeBaseline(): Promise<void> {
  const built = await buildBaseline(supabase);
  const folder = new URL("migrations/", supabase);
  for (const file of await readdir(folder)) {
    if (file.endsWith(".sql")) await rm(new URL(file, folder));
  }
  for (const { file, text } of built) await writeFile(new URL(file, folder), text);
  console.log(`Written: ${built.length} files in supabase/migrations`);
}
