import { readFile } from "node:fs/promises";
import { isProblem } from "../../supabase/functions/_shared/problem.ts";
import { buildBaseline } from "../../release/build.ts";
import { differences } from "../../release/catalogue.ts";
import { readMigrationFiles, readReleased, releasedButTouched } from "../../release/checksums.ts";
import { cataloguesOf } from "../../release/database.ts";
import { namesFile, namesPath } from "../../release/names.ts";
import type { Check, Finding } from "./deno.ts";

const supabase = new URL("../../supabase/", import.meta.url);
const renewal = "`npm run migrations` writes it anew from the schema files";

/**
 * Until the first release each file of the baseline is what the schema files make, to the letter; after it a database made
 * by all migrations is what one made from the schema files is.
 */
export async function migrationsAreBuilt(): Promise<Check> {
  return await findings(async () => {
    const [built, there] = [await buildBaseline(supabase), await readMigrationFiles(supabase)];
    if ((await readReleased(supabase)).size > 0) return await comparedByCatalogue(built, there);
    const lost = there.filter(({ file }) => !built.some((one) => one.file === file));
    return [
      ...lost.map(({ file }) => ({
        place: `supabase/migrations/${file}`,
        message: `no schema file makes it: ${renewal}`,
      })),
      ...built.flatMap(({ file, text }) => {
        const found = there.find((one) => one.file === file)?.text ?? "";
        return found === text ? [] : [differsAt(file, text, found)];
      }),
    ];
  });
}

function differsAt(file: string, wanted: string, found: string): Finding {
  const [lines, there] = [wanted.split("\n"), found.split("\n")];
  const at = lines.findIndex((line, index) => line !== there[index]);
  const place = `supabase/migrations/${file}:${(at < 0 ? lines.length : at) + 1}`;
  const says = `${JSON.stringify(there[at] ?? "")}, and the schema files say ${
    JSON.stringify(lines[at] ?? "")
  }`;
  return { place, message: `says ${says}: ${renewal}` };
}

async function comparedByCatalogue(
  built: Parameters<typeof cataloguesOf>[0],
  there: Parameters<typeof cataloguesOf>[0],
): Promise<Finding[]> {
  const [fresh, upgraded] = await cataloguesOf(built, there);
  const { missing, unexpected } = differences(fresh!, upgraded!);
  const place = "supabase/migrations";
  return [
    ...missing.map((line) => ({
      place,
      message:
        `make no such thing, and the schema files do: ${line}. A new migration makes it: npm run migrations -- --new`,
    })),
    ...unexpected.map((line) => ({ place, message: `make what no schema file says: ${line}` })),
  ];
}

export async function releasedIsUntouched(): Promise<Check> {
  return await findings(async () =>
    releasedButTouched(await readMigrationFiles(supabase), await readReleased(supabase))
      .map((message) => ({ place: "", message }))
  );
}

export async function catalogueIsWrittenDown(): Promise<Check> {
  return await findings(async () => {
    const [found] = await cataloguesOf(await readMigrationFiles(supabase));
    const written = (await readFile(new URL("catalogue.txt", supabase), "utf8")).trimEnd().split("\n");
    const { missing, unexpected } = differences(written, found!);
    const place = "supabase/catalogue.txt";
    const names = await readFile(new URL(namesPath, supabase), "utf8");
    const isReleased = (await readReleased(supabase)).size > 0;
    return [
      ...(isReleased || names === namesFile(found!) ? [] : [{
        place: `supabase/${namesPath}`,
        message: "lists other names than the migrations take. `npm run migrations` writes it anew",
      }]),
      ...missing.map((line) => ({
        place: `${place}:${written.indexOf(line) + 1}`,
        message: `the migrations do not make this: ${line}. \`npm run migrations\` writes it anew`,
      })),
      ...unexpected.map((line) => ({
        place,
        message: `lacks: ${line}. \`npm run migrations\` writes it anew`,
      })),
    ];
  });
}

/** What cannot be read is a finding too. */
async function findings(find: () => Promise<Finding[]>): Promise<Check> {
  try {
    return { findings: await find(), output: "" };
  } catch (error) {
    if (!isProblem(error)) throw error;
    return {
      findings: [{ place: "", message: [error.message, error.hint].filter(Boolean).join(" ") }],
      output: "",
    };
  }
}
