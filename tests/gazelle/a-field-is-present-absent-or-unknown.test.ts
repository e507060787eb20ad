import assert from "node:assert/strict";
import { clients } from "../../supabase/functions/_shared/gazelle/clients.ts";
import { pianos } from "../../supabase/functions/_shared/gazelle/pianos.ts";
import { readRecords } from "../../supabase/functions/_shared/sync/records.ts";

const contact = { firstName: "Ève", lastName: "Roy", defaultEmail: { email: "e@r.ca" } };

Deno.test("present: also null and the empty list are what Gazelle says", () => {
  const { records } = readRecords(pianos, [{ id: "ins_1", tags: [], notes: null, location: "" }], []);
  assert.deepEqual(records, [{ external_id: "ins_1", tags: [], notes: null, location: "" }]);
});

Deno.test("absent: a key that was not sent becomes nothing at all", () => {
  const { records } = readRecords(pianos, [{ id: "ins_1" }], []);
  assert.deepEqual(records, [{ external_id: "ins_1" }]);
});

Deno.test("unknown: a field under an error is no opinion, its neighbours are", () => {
  const errors = [{ message: "down", path: [1, "damppChaserInstalled"] }];
  const nodes = [{ id: "ins_1", damppChaserInstalled: null }, {
    id: "ins_2",
    damppChaserInstalled: null,
    notes: "n",
  }];
  const read = readRecords(pianos, nodes, errors);
  assert.deepEqual(read.records, [
    { external_id: "ins_1", dampp_chaser_installed: null },
    { external_id: "ins_2", notes: "n" },
  ]);
  assert.equal(read.unknownFields, 1);
});

Deno.test("unknown: what is derived from an unknown field is unknown too", () => {
  const node = { id: "cli_1", companyName: "", status: "ACTIVE", defaultContact: null };
  const unknown = readRecords(clients, [node], [{
    message: "down",
    path: [0, "defaultContact", "firstName"],
  }]);
  assert.deepEqual(unknown.records, [{ external_id: "cli_1", status: "ACTIVE" }]);

  const known = readRecords(clients, [node], []);
  assert.equal(known.records[0]?.company_name, "");
  assert.equal(known.records[0]?.email, null);
});

Deno.test("a client without a company goes by the name of its contact", () => {
  const nodes = [
    { id: "cli_1", companyName: null, defaultContact: contact },
    { id: "cli_2", companyName: "Place des Arts", defaultContact: contact },
    { id: "cli_3", companyName: "  ", defaultContact: { firstName: null, lastName: "Roy" } },
  ];
  const names = readRecords(clients, nodes, []).records.map((record) => record.company_name);
  assert.deepEqual(names, ["Ève Roy", "Place des Arts", "Roy"]);
});
