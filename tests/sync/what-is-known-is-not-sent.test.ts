import assert from "node:assert/strict";
import type { TestPlatform } from "../fixtures/platform.ts";
import { smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("a record that is as it was, of a row that nobody wrote since, is not sent", async (test) => {
  await using platform = await smallShop();
  const { sql, double } = platform;
  const { counters } = (await sync(platform, "clients")).body;
  const total = counters.inserted!;
  assert.deepEqual(await sent(platform), total, "into an empty table everything is sent");
  const [anyone] = await sql`select external_id from gazelle_clients order by 1 limit 1`;
  const id = anyone!.external_id as string;

  await test.step("once a run has found them equal, nothing is sent any more, and all of it counts", async () => {
    await sync(platform, "clients");
    assert.equal(await sent(platform), total, "the first time each is compared");
    const { body } = await sync(platform, "clients");
    assert.deepEqual([await sent(platform), body.counters.unchanged, body.status], [0, total, "complete"]);
    assert.equal(body.counters.missing, 0, "known is not missing");
  });

  await test.step("what changed upstream is sent alone", async () => {
    double.order({ kind: "edit", id, fields: { personalNotes: "Préfère le matin" } });
    assert.equal((await sync(platform, "clients")).body.counters.updated, 1);
    assert.equal(await sent(platform), 1);
    const [row] = await sql`select personal_notes from gazelle_clients where external_id = ${id}`;
    assert.equal(row!.personal_notes, "Préfère le matin");
  });

  await test.step("a row that anybody wrote is compared again, also where no trigger saw it", async () => {
    await sync(platform, "clients");
    assert.equal(await sent(platform), 1, "once more after it was written");
    await sql.begin(async (bypass) => {
      await bypass`set local session_replication_role = replica`;
      await bypass`update gazelle_clients set city = 'Nulle part' where external_id = ${id}`;
    });
    const { counters } = (await sync(platform, "clients")).body;
    assert.deepEqual([await sent(platform), counters.updated], [1, 1]);
    const [row] = await sql`select city from gazelle_clients where external_id = ${id}`;
    assert.notEqual(row!.city, "Nulle part");
  });

  await test.step("what ownership keeps out is offered each time, and stays out", async () => {
    await sql`update gazelle_clients set tags = tags || '{vip}' where external_id = ${id}`;
    for (let run = 0; run < 3; run++) {
      const { counters } = (await sync(platform, "clients")).body;
      assert.deepEqual([await sent(platform), counters.kept], [1, 1]);
    }
  });

  await test.step("a column that is new to the stream is filled, though no record changed", async () => {
    await sql`revoke update (locale) on gazelle_clients from gazelle_sync`;
    await sync(platform, "clients");
    await sync(platform, "clients");
    await sql`update gazelle_clients set locale = null`;
    await sync(platform, "clients");
    await sync(platform, "clients");
    assert.ok(await sent(platform) < total, "the rows are known without the column");
    await sql`grant update (locale) on gazelle_clients to gazelle_sync`;
    assert.ok((await sync(platform, "clients")).body.counters.updated! > 0);
    assert.equal(await sent(platform), total);
  });

  await test.step("a table that was emptied meanwhile is filled again", async () => {
    await sync(platform, "clients");
    await sql`truncate gazelle_clients`;
    const { body } = await sync(platform, "clients");
    assert.deepEqual([body.counters.inserted, body.status], [total, "complete"]);
  });
});

/** How many records the last run handed over. */
async function sent({ sql }: TestPlatform): Promise<number> {
  const [row] =
    await sql`select coalesce(sum(size), 0)::integer as sent from sync.staged_pages where stream = 'clients'`;
  return row!.sent;
}
