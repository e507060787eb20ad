import assert from "node:assert/strict";
import { appointments } from "../../supabase/functions/_shared/gazelle/appointments.ts";
import { readRecords } from "../../supabase/functions/_shared/sync/records.ts";
import { eventStatus } from "../../gazelle-double/shop/events.ts";
import { smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("appointments of every status come in, also called off and with a status nobody knew", async () => {
  await using platform = await smallShop();
  const { shop } = platform.double;
  const upstream = Array.from({ length: shop.counts.event }, (_, k) => eventStatus(shop, k));
  const { body } = await sync(platform, "appointments");
  assert.deepEqual([body.status, body.counters.staged, body.counters.duplicates], [
    "complete",
    upstream.length,
    0,
  ]);

  const rows = await platform.sql<{ status: string; count: number }[]>`
    select status, count(*)::integer from gazelle_appointments group by status`;
  const counted = Object.fromEntries(rows.map(({ status, count }) => [status, count]));
  const expected: Record<string, number> = {};
  for (const status of upstream) expected[status] = (expected[status] ?? 0) + 1;
  assert.deepEqual(counted, expected);
  assert.ok(expected.CANCELED && expected.NO_SHOW && expected.RESCHEDULED_BY_CLIENT);
});

const moments: [what: string, start: string, date: string, time: string][] = [
  ["in winter", "2026-01-19T13:30:00Z", "2026-01-19", "08:30:00"],
  ["in summer", "2026-07-02T12:00:00Z", "2026-07-02", "08:00:00"],
  ["late in the evening, tomorrow in UTC", "2026-01-20T03:45:00Z", "2026-01-19", "22:45:00"],
  ["at midnight", "2026-01-19T05:00:00Z", "2026-01-19", "00:00:00"],
  ["in the hour before summer time", "2026-03-08T06:59:59Z", "2026-03-08", "01:59:59"],
  ["in the hour after", "2026-03-08T07:00:00Z", "2026-03-08", "03:00:00"],
  ["in the hour that winter time repeats", "2026-11-01T06:30:00Z", "2026-11-01", "01:30:00"],
  ["in the first year", "0001-01-02T12:00:00Z", "0001-01-02", "06:42:28"],
  ["in the last year", "9999-12-31T12:00:00Z", "9999-12-31", "07:00:00"],
];

for (const [what, start, date, time] of moments) {
  Deno.test(`an appointment ${what} has the day and the time of the shop`, () => {
    const { records } = readRecords(appointments, [{ id: "evt_1", start }], []);
    assert.deepEqual(records, [{
      external_id: "evt_1",
      start_datetime: start,
      appointment_date: date,
      appointment_time: time,
    }]);
  });
}

Deno.test("an appointment names the first of its pianos; of a list under an error nothing is said", () => {
  const nodes = [
    { id: "evt_1", allEventPianos: { nodes: [{ piano: { id: "ins_1" } }] } },
    { id: "evt_2", allEventPianos: { nodes: [] } },
    { id: "evt_3", allEventPianos: null },
    { id: "evt_4", allEventPianos: { nodes: [null] } },
  ];
  const errors = [{ message: "gone", path: [3, "allEventPianos", "nodes", 0, "piano"] }];
  assert.deepEqual(readRecords(appointments, nodes, errors).records, [
    { external_id: "evt_1", piano_external_id: "ins_1" },
    { external_id: "evt_2", piano_external_id: null },
    { external_id: "evt_3", piano_external_id: null },
    { external_id: "evt_4" },
  ]);
});
