import assert from "node:assert/strict";
import type postgres from "postgres";
import { testDatabase } from "../fixtures/database.ts";

Deno.test("a badge that a person sets while a pass is about to give it back stays, and is the person's", async () => {
  await using database = await testDatabase();
  const { sql } = database;
  await sql.unsafe(`
    set role gazelle_sync;
    insert into gazelle_pianos (external_id, dampp_chaser_installed) values ('ins_1', false);
    insert into gazelle_timeline_entries (external_id, piano_id, occurred_at, entry_type, title)
    values ('tme_1', 'ins_1', '2024-01-01', 'USER_COMMENT', 'Entretien PLS');
    reset role;
    select detect_pls();
    delete from gazelle_timeline_entries`).simple();
  assert.deepEqual(await badge(sql), { installed: true, owner: "pls_detector" });

  const person = await database.connectAs("manual_editor").reserve();
  await person`begin`;
  // Taken off and set again: the second write is the person's word.
  for (const value of [false, true]) {
    await person`update gazelle_pianos set dampp_chaser_installed = ${value} where external_id = 'ins_1'`;
  }
  const pass = sql`select detect_pls() as report`.execute();
  await blocked(sql);
  await person`commit`;
  person.release();
  const [{ report } = { report: null }] = await pass;

  assert.deepEqual(await badge(sql), { installed: true, owner: "manual_editor" });
  assert.equal(report.badges_taken, 0);
});

async function badge(sql: postgres.Sql) {
  const [found] = await sql`
    select p.dampp_chaser_installed as installed, c.writer as owner
    from gazelle_pianos p
    left join ownership.claims c on c.tbl = 'gazelle_pianos'::regclass and c.key = p.external_id`;
  return { ...found };
}

/** Until some session of this database waits for a lock. */
async function blocked(sql: postgres.Sql): Promise<void> {
  for (let look = 0; look < 10_000; look++) {
    const [row] = await sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    if (row !== undefined) return;
  }
  throw new Error("the pass never met the edit");
}
