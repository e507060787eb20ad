import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { applyMigrations, applySeed } from "../../local/migrations.ts";
import { testDatabase } from "../fixtures/database.ts";
import { problemOf } from "../fixtures/problems.ts";

async function folderOf(files: Record<string, string>) {
  const path = await mkdtemp(`${tmpdir()}/etiquette-migrations-`);
  const write = (more: Record<string, string>) =>
    Promise.all(Object.entries(more).map(([name, text]) => writeFile(`${path}/${name}`, text)));
  await write(files);
  return { path, write, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

const first = "-- why\ncreate table a (id int);\n\ncomment on table a is 'semicolon; inside';\n";
const second = "create function f() returns int language sql as $$ select 1; $$;\n";

Deno.test("migrations run once, in order, and are recorded as the Supabase CLI records them", async () => {
  await using database = await testDatabase("template0");
  await using folder = await folderOf({
    "20260102000000_f.sql": second,
    "20260101000000_a_table.sql": first,
  });
  const names: string[] = [];
  const done = await applyMigrations(database.sql, folder.path, (name) => names.push(name));
  assert.deepEqual(done, { applied: ["20260101000000_a_table.sql", "20260102000000_f.sql"], before: 0 });
  assert.deepEqual(names, done.applied);

  const records = await database.sql`
    select version, name, statements from supabase_migrations.schema_migrations order by version`;
  assert.deepEqual(records.map((record) => ({ ...record })), [
    {
      version: "20260101000000",
      name: "a_table",
      statements: ["create table a (id int)", "comment on table a is 'semicolon; inside'"],
    },
    { version: "20260102000000", name: "f", statements: [second.trim().slice(0, -1)] },
  ]);
  await folder.write({ "20260103000000_b.sql": "create table b (id int);" });
  const more = await applyMigrations(database.sql, folder.path);
  assert.deepEqual(more, { applied: ["20260103000000_b.sql"], before: 2 });
});

Deno.test("a failed statement leaves nothing of its file, and says file, line and code", async () => {
  await using database = await testDatabase("template0");
  await using folder = await folderOf({
    "1_good.sql": "create table good (id int);",
    "2_bad.sql": "create table half (id int);\n\n-- why\ninsert into half\nvalues ('x');\n",
  });
  const failed = await problemOf(applyMigrations(database.sql, folder.path));
  assert.equal(failed.code, "22P02");
  assert.match(failed.message, /^2_bad\.sql:5: invalid input syntax for type integer: "x"/);
  const [row] = await database.sql`select to_regclass('good') as good, to_regclass('half') as half`;
  assert.deepEqual({ ...row }, { good: "good", half: null });

  await folder.write({ "2_bad.sql": "create table half (id int);\nselect 'é';\ncreate tabel oops;\n" });
  assert.match(
    (await problemOf(applyMigrations(database.sql, folder.path))).message,
    /^2_bad\.sql:3: .*tabel/,
  );
});

Deno.test("a file that was run by hand, or in part, is told from one that is wrong", async () => {
  await using database = await testDatabase("template0");
  await using folder = await folderOf({ "1_a.sql": first, "2_f.sql": second });
  await database.sql.unsafe(second);
  const failed = await problemOf(applyMigrations(database.sql, folder.path));
  assert.equal(failed.code, "migration_half_applied");
  assert.match(failed.message, /^2_f\.sql:1: function "f" already exists/);
  assert.match(failed.hint, /schema_migrations \(version\) values \('2'\)\./);
  await database.sql`insert into supabase_migrations.schema_migrations (version) values ('2')`;
  assert.deepEqual((await applyMigrations(database.sql, folder.path)).applied, []);
});

Deno.test("a past that was rewritten is refused: changed, removed, put in between, misnamed", async () => {
  await using database = await testDatabase("template0");
  await using folder = await folderOf({ "1_a.sql": first, "3_b.sql": "create table b (id int);" });
  const codeNow = async () => (await problemOf(applyMigrations(database.sql, folder.path))).code;
  await applyMigrations(database.sql, folder.path);
  await folder.write({ "1_a.sql": "-- another comment is no change\n" + first });
  assert.deepEqual((await applyMigrations(database.sql, folder.path)).applied, []);
  await folder.write({ "1_a.sql": first.replace("id int", "id bigint") });
  assert.equal(await codeNow(), "migration_changed");
  await folder.write({ "1_a.sql": first, "2_between.sql": "create table c (id int);" });
  assert.equal(await codeNow(), "migration_order");
  await rm(`${folder.path}/2_between.sql`);
  await rm(`${folder.path}/3_b.sql`);
  assert.equal(await codeNow(), "migration_order");
  await folder.write({ "3_b.sql": "create table b (id int);", "later.sql": "select 1;" });
  assert.equal(await codeNow(), "migration_name");
});

Deno.test("a setting of one file does not reach the next", async () => {
  await using database = await testDatabase("template0");
  await using folder = await folderOf({
    "1_a.sql": "set search_path = '';",
    "2_b.sql": "create table b (id int);",
  });
  await applyMigrations(database.sql, folder.path);
  const [row] = await database.sql`select to_regclass('public.b') is not null as found`;
  assert.equal(row?.found, true);
});

Deno.test("the seed is one transaction", async () => {
  await using database = await testDatabase("template0");
  await using folder = await folderOf({
    "seed.sql": "create table s (id int);\ninsert into s values (1), (null);\nselct;",
  });
  const failed = await problemOf(applySeed(database.sql, `${folder.path}/seed.sql`));
  assert.match(failed.message, /^seed\.sql:3: /);
  assert.equal((await database.sql`select to_regclass('s') as s`)[0]?.s, null);
});
