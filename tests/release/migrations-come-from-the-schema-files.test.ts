import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { assemble, type MigrationFile } from "../../release/build.ts";
import { freeze, readMigrationFiles, readReleased, releasedButTouched } from "../../release/checksums.ts";
import { newStatements } from "../../release/next.ts";
import { readSchemas, sectionsOf } from "../../release/schemas.ts";
import { problemOf } from "../fixtures/problems.ts";
import { copyOfSupabase } from "../fixtures/release.ts";

Deno.test("sections of one migration stand in the order of their files, and others apart", () => {
  const built = assemble([
    { path: "gazelle/a.sql", text: "select 1;\n-- migration: gazelle_indexes\nselect 2;\n" },
    { path: "gazelle/b.sql", text: "-- migration: gazelle_indexes\nselect 3;\n" },
  ]);
  const textOf = (name: string) => built.find(({ file }) => file.endsWith(`_${name}.sql`))!.text;
  assert.equal(textOf("gazelle_tables"), "-- From supabase/schemas/gazelle/a.sql\n\nselect 1;\n");
  assert.equal(
    textOf("gazelle_indexes"),
    "-- From supabase/schemas/gazelle/a.sql\n\nselect 2;\n\n-- From supabase/schemas/gazelle/b.sql\n\nselect 3;\n",
  );
});

Deno.test("a section of a migration that there is not is refused with file and line", async () => {
  const refused = await problemOf((async () =>
    await Promise.resolve(sectionsOf({
      path: "shop/tags.sql",
      text: "select 1;\n-- migration: gazele\n",
    })))());
  assert.equal(refused.code, "schema_section");
  assert.match(refused.message, /^supabase\/schemas\/shop\/tags\.sql:2: there is no migration gazele\.$/);
});

Deno.test("a schema file that is not listed is refused", async () => {
  await using copy = await copyOfSupabase();
  await writeFile(new URL("schemas/shop/more.sql", copy.supabase), "select 1;\n");
  const { code, message } = await problemOf(readSchemas(copy.supabase));
  assert.equal(code, "schema_order");
  assert.match(message, /^supabase\/schemas\/shop\/more\.sql is there, and not in schema_paths\.$/);
});

Deno.test("a released migration that is changed, gone or preceded by a new one is told", async () => {
  await using copy = await copyOfSupabase();
  const frozen = await freeze(copy.supabase);
  assert.ok(frozen.length > 5);
  const released = await readReleased(copy.supabase);
  const files = await readMigrationFiles(copy.supabase);
  assert.deepEqual(releasedButTouched(files, released), []);
  const [first, second, ...others] = files;
  const told = releasedButTouched([
    { file: "20200101000000_early.sql", text: "" },
    { file: second!.file, text: `${second!.text}\nselect 1;` },
    ...others,
  ], released);
  assert.equal(told.length, 3);
  assert.match(told[0]!, new RegExp(`${first!.file} was released and is gone`));
  assert.match(told[1]!, new RegExp(`${second!.file} was released and is changed`));
  assert.match(told[2]!, /20200101000000_early\.sql sorts before/);
});

Deno.test("what is new is told by the object, not by the place in a file", async () => {
  const at = (text: string): MigrationFile[] => [{ file: "1_a.sql", text }];
  const one = "create function f(a integer) returns integer language sql as 'select 1';\n";
  assert.deepEqual(await newStatements(at(`-- above\n\n${one}`), at(one)), []);
  const changed = one.replace("select 1", "select 2");
  assert.deepEqual(await newStatements(at(changed), at(one)), [
    { text: changed.trim().replace(";", "").replace("create", "create or replace"), byHand: false },
  ]);
  // Back to what it was: the last migration counts, not any.
  const back = [...at(one), { file: "2_b.sql", text: changed }];
  assert.equal((await newStatements(at(one), back)).length, 1);
  assert.deepEqual(await newStatements(at("create table t (id integer);"), at("create table t ();")), [
    { text: "create table t (id integer)", byHand: true },
  ]);
});
