// `npm run check`: format, lint, types, SQL and the rules of the house. One line a check, what it found
// below it; with `-- --hints` also what is allowed but not aimed at; with `-- --write` what is generated is
// written anew first.
import process from "node:process";
import { hasNoKnownHoles } from "./checks/audit.ts";
import { usesThePrivateSchema } from "./checks/borders.ts";
import { type Check, type Finding, runDeno } from "./checks/deno.ts";
import { queriesFitTheSchema, typesAreGenerated } from "./checks/gazelle-types.ts";
import { listFiles, type SourceFile } from "./checks/files.ts";
import { catalogueIsWrittenDown, migrationsAreBuilt, releasedIsUntouched } from "./checks/migrations.ts";
import { crossesNoBorder, hasNoCircles, namesNoSource } from "./checks/imports.ts";
import { hasLongLines, hasStrayWhitespace, isTooLong } from "./checks/house.ts";
import { parsesAsSql, usesUpperCase } from "./checks/sql.ts";
import { versionsAgree } from "./checks/versions.ts";

const write = process.argv.includes("--write");
const generated = await typesAreGenerated(write);
const files = await listFiles(new URL("../", import.meta.url));
const code = files.filter(({ path }) => path.endsWith(".ts"));
const sql = files.filter(({ path }) => path.endsWith(".sql"));

const checks: [name: string, run: () => Promise<Check>][] = [
  ["format", () => runDeno(["fmt", "--check"])],
  ["lint", () => runDeno(["lint"])],
  ["types", () => runDeno(["check", ...code.map(({ path }) => path)])],
  ["queries fit Gazelle's schema", queriesFitTheSchema],
  ["types of Gazelle's answers are generated", () => Promise.resolve(generated)],
  ["SQL is what Postgres can parse", () => each(sql, parsesAsSql)],
  ["migrations are what the schema files make", migrationsAreBuilt],
  ["released migrations are untouched", releasedIsUntouched],
  ["the catalogue is that of the migrations", catalogueIsWrittenDown],
  ["SQL keywords are lower case", () => each(sql, usesUpperCase)],
  ["no tabs, no trailing spaces", () => each(files, hasStrayWhitespace)],
  ["SQL lines are at most 120 wide", () => each(sql, hasLongLines)],
  ["only the ownership engine uses its private schema", () => each(files, usesThePrivateSchema)],
  ["files are short enough", () => each(files, isTooLong)],
  ["no imports in circles", () => Promise.resolve({ findings: hasNoCircles(code), output: "" })],
  ["imports keep to the borders of the rooms", () => each(code, crossesNoBorder)],
  ["the sync names no source", () => each(code, namesNoSource)],
  ["deno.json and package.json name the same versions", () => Promise.resolve(versionsAgree(files))],
  ["dependencies have no known holes", hasNoKnownHoles],
];

const hints = process.argv.includes("--hints");
let failed = 0;
for (const [name, run] of checks) {
  const { findings, output } = await run();
  const bad = findings.filter(({ warning }) => !warning);
  if (bad.length > 0) failed++;
  const more = findings.length > bad.length && !hints ? ` (${findings.length - bad.length} hints)` : "";
  console.log(`${bad.length > 0 ? "FAIL" : "ok  "} ${name}${more}`);
  for (const { place, message, warning } of findings) {
    if (!warning || hints) console.log(`     ${place} ${warning ? "(hint) " : ""}${message}`);
  }
  if (output !== "") console.log(output.replace(/^/gm, "     "));
}
console.log(`${checks.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

async function each(
  among: SourceFile[],
  find: (file: SourceFile) => Finding[] | Promise<Finding[]>,
): Promise<Check> {
  const found = await Promise.all(among.map((file) => find(file)));
  return { findings: found.flat(), output: "" };
}
