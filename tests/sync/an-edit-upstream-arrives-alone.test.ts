import assert from "node:assert/strict";
import { smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("what changed upstream arrives, and nothing else is written", async (test) => {
  await using platform = await smallShop();
  const { sql, double } = platform;
  await sync(platform, "pianos");
  const [first, second] = await sql<
    { external_id: string }[]
  >`select external_id from gazelle_pianos order by 1 limit 2`;
  const [edited, gone] = [first!.external_id, second!.external_id];

  await test.step("an edit updates one row; null and a value nobody knew are what Gazelle says", async () => {
    double.order({
      kind: "edit",
      id: edited,
      fields: { make: null, status: "ON_LOAN", notes: "Accordé l’été" },
    });
    const { body } = await sync(platform, "pianos");
    assert.deepEqual([body.counters.updated, body.counters.inserted], [1, 0]);
    const [row] = await sql`select make, status, notes from gazelle_pianos where external_id = ${edited}`;
    assert.deepEqual({ ...row }, { make: null, status: "ON_LOAN", notes: "Accordé l’été" });
  });

  await test.step("a deleted record is marked missing by the second read without it, once, and stays", async () => {
    double.order({ kind: "delete", id: gone });
    assert.equal((await sync(platform, "pianos")).body.counters.missing, 0);
    assert.equal((await sync(platform, "pianos")).body.counters.missing, 1);
    assert.equal((await sync(platform, "pianos")).body.counters.missing, 0);
    const missing = await sql`select external_id from gazelle_pianos where missing_since is not null`;
    assert.deepEqual(missing.map((row) => row.external_id), [gone]);
  });

  await test.step("a record that is new upstream is inserted", async () => {
    double.order({ kind: "insert", record: "piano", fields: { make: "Fazioli" } });
    assert.equal((await sync(platform, "pianos")).body.counters.inserted, 1);
    const [row] = await sql`select tags from gazelle_pianos where make = 'Fazioli'`;
    assert.deepEqual(row?.tags, []);
  });
});
