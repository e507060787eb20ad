import assert from "node:assert/strict";
import { clients } from "../../supabase/functions/_shared/gazelle/clients.ts";
import { readRecords } from "../../supabase/functions/_shared/sync/records.ts";

const shops = { locale: "fr_CA" };

const cases: [what: string, fields: Record<string, unknown>, locale: unknown][] = [
  ["none of its own", { localization: null, defaultClientLocalization: shops }, "fr_CA"],
  ["its own", { localization: { locale: "en_CA" }, defaultClientLocalization: shops }, "en_CA"],
  ["its own, which is empty", { localization: { locale: null }, defaultClientLocalization: shops }, "fr_CA"],
  ["none at all", { localization: null, defaultClientLocalization: null }, null],
  ["its own, and no other was sent", { localization: { locale: "en_CA" } }, "en_CA"],
  ["none of its own, and no other was sent", { localization: null }, undefined],
  ["one that was not sent", { defaultClientLocalization: shops }, undefined],
];

for (const [what, fields, locale] of cases) {
  Deno.test(`a client with ${what}`, () => {
    const { records } = readRecords(clients, [{ id: "cli_1", ...fields }], []);
    assert.deepEqual(records, [
      locale === undefined ? { external_id: "cli_1" } : { external_id: "cli_1", locale },
    ]);
  });
}

Deno.test("an error in either leaves the column alone where it would decide", () => {
  const node = { id: "cli_1", localization: null, defaultClientLocalization: null };
  for (const field of ["localization", "defaultClientLocalization"]) {
    const { records } = readRecords(clients, [node], [{ message: "down", path: [0, field] }]);
    assert.deepEqual(records, [{ external_id: "cli_1" }], field);
  }
});
