import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { installEngine } from "../../cli/install/database.ts";
import { engineMigrations } from "../../cli/install/migrations.ts";
import { planInstall } from "../../cli/install/project.ts";
import { ownDatabase } from "../fixtures/own-database.ts";

const second = (number: string) => ({
  subject: "ownership_greeting",
  text: `
    create function ownership.greeting() returns text language sql set search_path = pg_catalog, pg_temp as $$ select 'hello' $$;
    create or replace function ownership.version() returns integer language sql immutable parallel safe
    set search_path = pg_catalog, pg_temp as $$ select ${number} $$;
    select ownership.repair();
    select ownership.record_fingerprints()`,
});

Deno.test("an older engine is upgraded with its claims, by the migrations that it lacks, all of them or none", async () => {
  await using database = await ownDatabase();
  const { sql, sync } = database;
  const engine = await engineMigrations();
  await installEngine(sql);
  await sql`select ownership.protect('places', 'name', identity_key => '{code}')`;
  await sql`update places set name = 'by hand' where code = 'p1'`;

  await assert.rejects(
    installEngine(sql, [...engine, second("2"), second("nothing")]),
    /column "nothing" does not exist|already exists/,
  );
  const [{ version } = {}] = await sql`select ownership.version()`;
  assert.equal(version, 1);
  const { before, version: now } = await installEngine(sql, [...engine, second("2")]);
  assert.deepEqual([before, now], [1, 2]);

  await sync`update places set name = ''`;
  assert.deepEqual([...await sql`select name from places where code = 'p1'`], [{ name: "by hand" }]);
  await sql`select ownership.register_writer(${new URL(database.syncUrl).username}, 10)`;
  assert.deepEqual([...await sql`select * from ownership.health()`], []);
});

Deno.test("a project with an older engine gets the migrations that it lacks, and no others", async () => {
  const folder = await mkdtemp(`${tmpdir()}/etiquette-older-`);
  try {
    await mkdir(`${folder}/migrations`);
    await writeFile(`${folder}/migrations/0007_ownership_engine.sql`, "");
    await writeFile(`${folder}/migrations/0008_places.sql`, "");
    const planned = await planInstall(folder, undefined, new Date(), [
      ...await engineMigrations(),
      second("2"),
    ]);
    assert.deepEqual([planned.before, planned.version], [1, 2]);
    assert.deepEqual(planned.files.map(({ path }) => path), ["migrations/0009_ownership_greeting.sql"]);
    assert.match(planned.files[0]!.text, /^-- Étiquette's ownership engine, version 2\./);
  } finally {
    await rm(folder, { recursive: true });
  }
});
