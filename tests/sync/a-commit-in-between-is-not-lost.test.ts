import assert from "node:assert/strict";
import { type TestDatabase, testDatabase } from "../fixtures/database.ts";

Deno.test("a person adds the same record just before the sync does: the same run updates it", async () => {
  await using database = await testDatabase();
  await planned(database, [{ external_id: "cli_1", city: "Laval" }]);
  const report = await applyAround(
    database,
    `
    insert into gazelle_clients (external_id, locale) values ('cli_1', 'fr_CA')`,
  );
  assert.deepEqual(report, { step: "finish", inserted: 0, updated: 1 });
  assert.deepEqual(await row(database), { city: "Laval", locale: "fr_CA", personal_notes: null });
});

Deno.test("a person edits the row between the sync's reading and its writing: the edit stands", async () => {
  await using database = await testDatabase();
  await database.sql`
    insert into gazelle_clients (external_id, locale, personal_notes) values ('cli_1', 'fr', 'old')`;
  await planned(database, [{ external_id: "cli_1", city: "Laval", personal_notes: "theirs" }]);
  const report = await applyAround(
    database,
    `
    update gazelle_clients set locale = 'fr_CA', personal_notes = 'mine'`,
  );
  assert.deepEqual(report, { step: "finish", inserted: 0, updated: 1 });
  assert.deepEqual(await row(database), { city: "Laval", locale: "fr_CA", personal_notes: "mine" });
});

/** A run of these records, up to its plan. */
async function planned({ sql }: TestDatabase, records: Record<string, string>[]) {
  await sql`create table run as
    select r.* from jsonb_to_record(sync_start_run('clients', 'test')) r (run_id bigint, lease uuid)`;
  await sql`select sync_stage_page(run_id, lease, ${JSON.stringify(records)}, '[]', null, true, 1) from run`;
  await sql`select sync_plan_run(run_id, lease) from run`;
}

/** Applies the run while a person has written but not committed; they commit once the sync waits for them. */
async function applyAround({ sql, connectAs }: TestDatabase, statement: string) {
  const person = await connectAs("postgres").reserve();
  await person.unsafe(`begin; ${statement}`).simple();
  const applying = sql`select sync_apply_run(run_id, lease) as report from run`.execute();
  const waiting = () =>
    sql`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
  while ((await waiting()).length === 0);
  await person`commit`;
  person.release();
  const { step, counters: { inserted, updated } } = (await applying)[0]?.report;
  return { step, inserted, updated };
}

async function row({ sql }: TestDatabase) {
  const [found] =
    await sql`select city, locale, personal_notes from gazelle_clients where external_id = 'cli_1'`;
  return { ...found };
}
