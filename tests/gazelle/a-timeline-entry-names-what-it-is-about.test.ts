import assert from "node:assert/strict";
import { readRecords } from "../../supabase/functions/_shared/sync/records.ts";
import { timeline } from "../../supabase/functions/_shared/gazelle/timeline.ts";
import { smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("an entry about an invoice names it, and no estimate; of a type nobody knew nothing is said", () => {
  const nodes = [
    { id: "tme_1", relatedType: "Invoice", relatedId: "inv_1" },
    { id: "tme_2", relatedType: "Estimate", relatedId: "est_1" },
    { id: "tme_3", relatedType: null, relatedId: null },
    { id: "tme_4", relatedType: "Warranty", relatedId: "war_1" },
    { id: "tme_5" },
  ];
  assert.deepEqual(readRecords(timeline, nodes, []).records, [
    { external_id: "tme_1", invoice_id: "inv_1", estimate_id: null },
    { external_id: "tme_2", invoice_id: null, estimate_id: "est_1" },
    { external_id: "tme_3", invoice_id: null, estimate_id: null },
    { external_id: "tme_4" },
    { external_id: "tme_5" },
  ]);
});

Deno.test("a back-dated entry comes in, and one whose type nobody knew", async () => {
  await using platform = await smallShop();
  await sync(platform, "timeline");
  const id = platform.double.order({
    kind: "insert",
    record: "timelineEntry",
    fields: { occurredAt: "2015-05-05T12:00:00Z", type: "CARRIER_PIGEON", comment: "PLS installé" },
  });
  platform.double.order({ kind: "edit", id: id!, fields: { clientId: "cli_9UMLkteep8EsISbG" } });
  const { body } = await sync(platform, "timeline");
  assert.deepEqual([body.status, body.counters.inserted, body.counters.updated], ["complete", 1, 0]);
  const [row] = await platform.sql`select * from gazelle_timeline_entries where external_id = ${id}`;
  assert.deepEqual(
    [row?.entry_type, row?.description, row?.client_id, row?.occurred_at.toISOString()],
    ["CARRIER_PIGEON", "PLS installé", "cli_9UMLkteep8EsISbG", "2015-05-05T12:00:00.000Z"],
  );
});
