import assert from "node:assert/strict";
import { applyMigrations } from "../../local/migrations.ts";
import { harness, type TestDatabase } from "../fixtures/database.ts";
import { someRows } from "../fixtures/installing.ts";
import { olderShop } from "../fixtures/older-shop.ts";

const { migrations } = harness();

Deno.test("an install waits for a long report, and whoever comes to read meanwhile reads", async () => {
  await using database = await olderShop(someRows);
  const { sql } = database;
  let install: Promise<unknown> = Promise.resolve();
  await sql.begin(async (report) => {
    await report`select from gazelle_clients`;
    install = applyMigrations(sql, migrations);
    await tried(database);
    // Behind a lock that waits in the queue this would wait for the report, and give up.
    const read = await database.connectAs("postgres").begin(async (reader) => {
      await reader`set local statement_timeout = '20s'`;
      return await reader`select external_id from gazelle_clients order by 1`;
    });
    assert.equal(read.length, 2);
    const [done] = await sql`select to_regclass('gazelle.taken_over') as made`;
    assert.equal(done?.made, null, "the install is still waiting");
  });
  await install;
  assert.deepEqual([...await sql`select * from ownership.health()`], []);
});

/** Resolves once the install has asked for its locks, and was refused. */
async function tried({ sql }: TestDatabase): Promise<void> {
  for (let look = 0; look < 100_000; look++) {
    const [row] = await sql`
      select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;
    if (row !== undefined) return;
  }
  throw new Error("the install never waited");
}
