import assert from "node:assert/strict";
import { lastRun, smallShop, sync, tableOf, versions } from "../fixtures/syncing.ts";

const shop: [string, number][] = [
  ["users", 7],
  ["clients", 1344],
  ["contacts", 1788],
  ["pianos", 1031],
  ["appointments", 6616],
  ["timeline", 23_869],
];

Deno.test("a whole shop: all of it comes in, and a second sync rewrites no row", async (test) => {
  await using platform = await smallShop({ GAZELLE_PAGE_SIZE: "100" }, 1);
  for (const [stream, count] of shop) {
    await test.step(`${stream}: ${count} are inserted, the run is complete`, async () => {
      const { status, body } = await sync(platform, stream);
      assert.equal(status, 200);
      assert.equal(body.status, "complete");
      const { total, staged, rejected, inserted } = body.counters;
      assert.deepEqual({ total, staged, rejected, inserted }, {
        total: count,
        staged: count,
        rejected: 0,
        inserted: count,
      });
      const [rows] = await platform.sql`select count(*)::integer from ${platform.sql(tableOf(stream))}`;
      assert.equal(rows?.count, count);
    });

    await test.step(`${stream}: again, and nothing is written`, async () => {
      const before = await versions(platform, stream);
      const { body } = await sync(platform, stream);
      assert.equal(body.status, "complete");
      const { inserted, updated, unchanged, missing } = body.counters;
      assert.deepEqual({ inserted, updated, unchanged, missing }, {
        inserted: 0,
        updated: 0,
        unchanged: count,
        missing: 0,
      });
      assert.equal(await versions(platform, stream), before);
    });
  }

  await test.step("the run is on record, with its mark and who started it", async () => {
    const run = await lastRun(platform);
    assert.equal(run?.started_by, "key cron");
    const [mark] = await platform.sql`select writer, label from ownership.marks where id = ${run?.mark}`;
    assert.deepEqual({ ...mark }, { writer: "gazelle_sync", label: "run timeline" });
  });
});
