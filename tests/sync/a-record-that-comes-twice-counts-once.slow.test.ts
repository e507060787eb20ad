import assert from "node:assert/strict";
import { targets } from "../fixtures/bad-input.ts";
import { smallShop, sync, tableOf } from "../fixtures/syncing.ts";

Deno.test("a record that comes twice is counted, and nothing is called missing", async (test) => {
  await using platform = await smallShop({ GAZELLE_PAGE_SIZE: "100" });
  const { sql, double } = platform;

  for (const { stream, root, below } of targets) {
    await sync(platform, stream);
    const [row] = await sql`select max(external_id) as id, count(*)::integer from ${sql(tableOf(stream))}`;
    const field = root as "allClients";
    const broken = { kind: "malformed_record", field, path: `${below}id`, value: row!.id } as const;

    const pages = root === "allUsers" ? [undefined] : [1, 2];
    for (const page of pages) {
      const place = page === 2 ? "again on a later page" : "twice on a page";
      await test.step(`${stream}: ${place}`, async () => {
        double.order({ ...broken, page, record: 0 });
        if (page !== 2) double.order({ ...broken, page, record: 1 });
        const { status, body } = await sync(platform, stream);
        const { duplicates, staged, total, missing, rejected } = body.counters;
        assert.deepEqual([status, body.status], [200, "partial"]);
        assert.deepEqual({ duplicates, missing, rejected }, {
          duplicates: page === 2 ? 1 : 2,
          missing: 0,
          rejected: 0,
        });
        assert.deepEqual([staged, total], [row!.count - duplicates!, row!.count]);
      });
    }

    await test.step(`${stream}: the next run is complete, and no row is lost`, async () => {
      const { body } = await sync(platform, stream);
      assert.deepEqual([body.status, body.counters.staged, body.counters.inserted], [
        "complete",
        row!.count,
        0,
      ]);
    });
  }
});
