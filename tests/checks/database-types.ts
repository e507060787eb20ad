// `npm run types`: the database's types for supabase-js, as the Supabase CLI writes them from the migrations.
// With `-- --check` it only compares.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { applyMigrations, applyPlatform } from "../../local/migrations.ts";
import { startPostgres, throwaway } from "../../local/postgres.ts";
import { formatted } from "./deno.ts";
import { supabase } from "./supabase-cli.ts";

const path = "supabase/functions/_shared/database-types.ts";
const root = new URL("../../", import.meta.url);
const headline =
  "// The database's types for supabase-js, generated from the migrations. `npm run types` renews it.\n\n";

const wanted = await generate();
const stands = await readFile(new URL(path, root), "utf8").catch(() => "");
if (!process.argv.includes("--check")) await writeFile(new URL(path, root), wanted);
const isDrift = process.argv.includes("--check") && stands !== wanted;
if (isDrift) console.log(`FAIL ${path} is not what the migrations give: npm run types`);
console.log(isDrift ? "0 passed, 1 failed" : "1 passed, 0 failed");
process.exitCode = isDrift ? 1 : 0;

async function generate(): Promise<string> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(`${tmpdir()}/etiquette-types-`);
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const server = await startPostgres({
    dataDir: `${folder}/data`,
    port: 0,
    settings: { ...throwaway, wal_level: "logical" },
  });
  stack.defer(() => server.stop());
  const sql = postgres(server.url, { max: 1, onnotice: () => {} });
  stack.defer(() => sql.end({ timeout: 5 }));
  await applyPlatform(sql);
  await applyMigrations(sql, fileURLToPath(new URL("supabase/migrations", root)));
  const generated = await supabase([
    "gen",
    "types",
    "--lang=typescript",
    "--schema",
    "public",
    `--remote=${server.url}`,
  ], folder);
  return await formatted(headline + generated.slice(generated.indexOf("export type")));
}
