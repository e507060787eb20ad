import assert from "node:assert/strict";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import type postgres from "postgres";
import { applyMigrations } from "../../local/migrations.ts";
import { readDocument } from "../docs/engine.ts";
import { harness, testDatabase } from "../fixtures/database.ts";

/** The migration that docs/architecture.md shows. */
async function nextVersion(): Promise<string> {
  const [, migration] =
    /## Changing the schema[\s\S]*?```sql\n([\s\S]*?)```/.exec(await readDocument("architecture.md")) ?? [];
  return migration!;
}

async function folderWith(migration: string) {
  const path = await mkdtemp(`${tmpdir()}/etiquette-next-`);
  await cp(harness().migrations, path, { recursive: true });
  await writeFile(`${path}/20270101000000_next_version.sql`, migration);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

Deno.test("a later version goes over a shop with claims, marks and history, and takes none of them away", async () => {
  await using database = await testDatabase();
  await using folder = await folderWith(await nextVersion());
  const { sql } = database;
  const asSync = database.connectAs("gazelle_sync");
  const mark = await aYearOfWork(sql, asSync);
  const before = await books(sql);
  assert.ok(
    before.claims.length >= 4 && before.history.length >= 4 && before.blocked.length >= 1,
    "there is something to lose",
  );

  const { applied } = await applyMigrations(sql, folder.path);

  assert.deepEqual(applied, ["20270101000000_next_version.sql"]);
  assert.deepEqual(await books(sql), before);
  assert.deepEqual([...await sql`select problem, object, detail from ownership.health()`], []);
  assert.deepEqual([...await sql`select tbl, col, key, problem from ownership.verify()`], []);

  await asSync`
    update gazelle_pianos set location = 'theirs', notes = 'theirs', tags = '{}', model = 'new'`;
  await asSync`update gazelle_contacts set phone = 'theirs'`;
  assert.deepEqual(await standing(sql), {
    mine: { location: "Studio 4", notes: "by hand", tags: ["mine"], model: "new" },
    other: { location: "theirs", notes: "from Gazelle", tags: [], model: "new" },
    phone: "514 555-0100",
  });
  // Past the guards; a mark of the version before still restores.
  await sql`alter table gazelle_pianos disable trigger user`;
  await sql`update gazelle_pianos set location = ''`;
  await sql`select ownership.repair()`;
  await sql`select * from ownership.restore(${mark}, dry_run => false)`;
  assert.equal((await standing(sql)).mine.location, "Studio 4");
  const [after] = await sql`select ownership.mark(' later ') as id`;
  const [label] = await sql`select label from ownership.marks where id = ${after!.id}`;
  assert.equal(label?.label, "later", "the new function is at work");
});

Deno.test("an engine that was changed without saying so is told from a later version", async () => {
  await using database = await testDatabase();
  await using folder = await folderWith(
    (await nextVersion()).replace("select ownership.record_fingerprints();", ""),
  );
  await applyMigrations(database.sql, folder.path);
  const problems = await database.sql`select problem, object from ownership.health() order by problem`;
  assert.deepEqual([...problems], [
    { problem: "engine function changed", object: "function ownership.mark(text)" },
    { problem: "engine table changed", object: "table ownership_private.marks" },
  ]);
});

/** What the sync brought, what people wrote since, and what was kept out. */
async function aYearOfWork(sql: postgres.Sql, asSync: postgres.Sql): Promise<number> {
  await asSync`
    insert into gazelle_pianos (external_id, location, notes, tags)
    select k, 'from Gazelle', 'from Gazelle', '{}' from unnest('{ins_1,ins_2}'::text[]) k`;
  await asSync`insert into gazelle_contacts (external_id, phone) values ('con_1', 'from Gazelle')`;
  await sql`
    update gazelle_pianos set location = 'Studio 4', notes = 'by hand', tags = '{mine}' where external_id = 'ins_1'`;
  await sql`update gazelle_contacts set phone = '514 555-0100'`;
  await asSync`update gazelle_pianos set location = 'Salle A', notes = 'from Gazelle'`;
  const [mark] = await sql`select ownership.mark('before the later version') as id`;
  return Number(mark?.id);
}

async function books(sql: postgres.Sql) {
  return {
    claims: [...await sql`select * from ownership.claims order by tbl::text, col, key, element`],
    history: [...await sql`select * from ownership.history order by id`],
    marks: [...await sql`select id, label, at from ownership.marks order by id`],
    blocked: [...await sql`select * from ownership.blocked_writes order by tbl::text, col, key`],
    rows: [...await sql`select to_jsonb(p) - 'bench' as row from gazelle_pianos p order by external_id`],
  };
}

async function standing(sql: postgres.Sql) {
  const [mine, other] =
    await sql`select location, notes, tags, model from gazelle_pianos order by external_id`;
  const [contact] = await sql`select phone from gazelle_contacts`;
  return { mine: { ...mine }, other: { ...other }, phone: contact?.phone };
}
