import assert from "node:assert/strict";
import { smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("answers of which a part is missing or wrong", async (test) => {
  await using platform = await smallShop();
  const { sql, double } = platform;
  await sync(platform, "pianos");
  const [piano] = await sql`
    select external_id, location, tags from gazelle_pianos where location <> '' and make <> '' limit 1`;
  const id: string = piano!.external_id;
  const stored = async () =>
    (await sql`select location, make, tags from gazelle_pianos where external_id = ${id}`)[0];

  await test.step("a field under an error keeps its value, while its neighbour is updated", async () => {
    double.order({ kind: "edit", id, fields: { make: "Bösendorfer" } });
    double.order({
      kind: "field_error",
      field: "allPianos",
      records: [id],
      path: "location",
      times: "always",
    });
    const { body } = await sync(platform, "pianos");
    assert.deepEqual([body.status, body.counters.unknown_fields, body.counters.updated], ["complete", 1, 1]);
    assert.deepEqual({ ...await stored() }, {
      location: piano!.location,
      make: "Bösendorfer",
      tags: piano!.tags,
    });
    await clear();
  });

  await test.step("a record that an error took whole is quarantined, nothing counts as missing", async () => {
    double.order({ kind: "field_error", field: "allPianos", records: [id], path: "tags", times: "always" });
    const { body } = await sync(platform, "pianos");
    assert.deepEqual([body.status, body.counters.rejected, body.counters.missing], ["complete", 1, 0]);
    assert.equal((await stored())?.make, "Bösendorfer");
    await clear();
  });

  await test.step("a malformed record is quarantined as sent, with its path; the rest goes on", async () => {
    double.order({ kind: "edit", id, fields: { make: "Blüthner" } });
    double.order({
      kind: "malformed_record",
      field: "allPianos",
      record: id,
      path: "year",
      value: "old",
      times: "always",
    });
    const { body } = await sync(platform, "pianos");
    assert.deepEqual([body.status, body.counters.rejected, body.counters.updated], ["complete", 1, 0]);
    const [rejected] =
      await sql`select external_id, path, payload from sync.rejected_records where run_id = ${body.run_id}`;
    assert.deepEqual([rejected?.external_id, rejected?.path, rejected?.payload.year], [id, "year", "old"]);
    assert.equal((await stored())?.make, "Bösendorfer");
    await clear();
  });

  await test.step("text that Postgres cannot store is quarantined, never mended", async () => {
    double.order({
      kind: "malformed_record",
      field: "allPianos",
      record: id,
      path: "notes",
      value: "a\0b",
      times: "always",
    });
    const { body } = await sync(platform, "pianos");
    assert.deepEqual([body.status, body.counters.rejected], ["complete", 1]);
    await clear();
  });

  await test.step("pages that shift while they are read: partial, nothing is called missing", async () => {
    double.order({ kind: "shift", field: "allPianos", page: 2, change: "remove" });
    const { status, body } = await sync(platform, "pianos");
    assert.deepEqual([status, body.status, body.counters.missing], [200, "partial", 0]);
  });

  await test.step("the next run is complete, and what waited arrives", async () => {
    const { body } = await sync(platform, "pianos");
    assert.deepEqual([body.status, body.counters.rejected], ["complete", 0]);
    assert.equal((await stored())?.make, "Blüthner");
  });

  function clear() {
    return fetch(`${double.controlUrl}/faults`, { method: "DELETE" });
  }
});
