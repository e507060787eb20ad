import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { double, readAll, type Row } from "./client.ts";

const CASES: [list: string, selection: string, args: string, belongs: (row: Row) => boolean][] = [
  ["allClients", "id status", "filters: { status: [INACTIVE] }", (row) => row.status === "INACTIVE"],
  [
    "allClients",
    "id tags",
    'filters: { anyTags: ["VIP", "Concert"] }',
    (row) => hasAny(row, "VIP", "Concert"),
  ],
  [
    "allClients",
    "id tags",
    'filters: { allTags: ["VIP"], excludeTags: ["Concert"] }',
    (row) => hasAny(row, "VIP") && !hasAny(row, "Concert"),
  ],
  [
    "allClients",
    "id tags",
    'filters: { allTags: ["VIP", "Concert"] }',
    (row) => hasAny(row, "VIP") && hasAny(row, "Concert"),
  ],
  [
    "allClients",
    "id companyName",
    'filters: { search: "place des arts" }',
    (row) => row.companyName === "Place des Arts",
  ],
  [
    "allClients",
    "id createdAt",
    'filters: { createdGet: "2024-07-01" }',
    (row) => String(row.createdAt) >= "2024-07-01T04",
  ],
  [
    "allPianos",
    "id client { id }",
    'filters: { clientId: "cli_HbEwl9rN11pSuDEU" }',
    (row) => row.client.id === "cli_HbEwl9rN11pSuDEU",
  ],
  [
    "allPianos",
    "id status",
    "filters: { status: [INACTIVE, UNDER_RESTORATION] }",
    (row) => ["INACTIVE", "UNDER_RESTORATION"].includes(row.status),
  ],
  [
    "allPianos",
    "id damppChaserInstalled",
    "filters: { hasPianoLifeSaverInstalled: true }",
    (row) => row.damppChaserInstalled === true,
  ],
  [
    "allPianos",
    "id damppChaserInstalled",
    "filters: { hasPianoLifeSaverInstalled: false }",
    (row) => row.damppChaserInstalled !== true,
  ],
  ["allPianos", "id tags", 'filters: { excludeTags: ["non"] }', (row) => !hasAny(row, "non")],
  ["allEventsBatched", "id status", "filters: { status: [CANCELED] }", (row) => row.status === "CANCELED"],
  [
    "allEventsBatched",
    "id start status",
    'filters: { dateGet: "2025-01-01", dateLet: "2025-03-31" }',
    (row) =>
      String(row.start) >= "2025-01-01T05" && String(row.start) < "2025-04-01T04" &&
      row.status !== "CANCELED",
  ],
  [
    "allTimelineEntries",
    "id type",
    "types: [ESTIMATE, PIANO_MEASUREMENT]",
    (row) => ["ESTIMATE", "PIANO_MEASUREMENT"].includes(String(row.type)),
  ],
  [
    "allTimelineEntries",
    "id occurredAt",
    'occurredAtGet: "2025-06-01T00:00:00Z"',
    (row) => String(row.occurredAt) >= "2025-06-01T00:00:00Z",
  ],
  [
    "allTimelineEntries",
    "id client { id }",
    'clientId: "cli_sos6RK8t4htOApiM"',
    (row) => row.client.id === "cli_sos6RK8t4htOApiM",
  ],
];

for (const [list, selection, args, belongs] of CASES) {
  Deno.test(`${list}(${args}) gives exactly the records that fit`, async () => {
    await using gazelle = await double({ scale: 0.5 });
    const every = list === "allEventsBatched"
      ? await allEvents(gazelle)
      : (await readAll(gazelle, list, selection)).records;
    const { records, totals } = await readAll(gazelle, list, selection, { args: `, ${args}` });
    const expected = every.filter(belongs).map(({ id }) => id);
    deepStrictEqual(records.map(({ id }) => id), expected);
    deepStrictEqual([...totals], [expected.length]);
    ok(expected.length > 0 && expected.length < every.length);
  });
}

Deno.test("a range of days holds its first day and its last", async () => {
  await using gazelle = await double({ scale: 0.5 });
  const events = (await readAll(gazelle, "allEventsBatched", "id start")).records;
  const [first, last] = [events[500], events[506]].map((event) => String(event?.start).slice(0, 10));
  const args = `, filters: { dateGet: "${first}", dateLet: "${last}" }`;
  const found = (await readAll(gazelle, "allEventsBatched", "id start", { args })).records;
  const days = events.filter(({ start }) =>
    String(start).slice(0, 10) >= first! && String(start).slice(0, 10) <= last!
  );
  deepStrictEqual(found, days);
  ok(found.length >= 7);
});

Deno.test("a filter that is null is no filter", async () => {
  await using gazelle = await double({ scale: 0.2 });
  const { records } = await readAll(gazelle, "allClients", "id", {
    args: ", filters: { isPaused: null, status: null }",
  });
  strictEqual(records.length, gazelle.shop.counts.client);
});

function hasAny(row: Row, ...tags: string[]): boolean {
  return tags.some((tag) => row.tags.includes(tag));
}

async function allEvents(server: { url: string; accessToken: string }): Promise<Row[]> {
  const shown = (await readAll(server, "allEventsBatched", "id status start")).records;
  const args = ", filters: { status: [CANCELED] }";
  const canceled = (await readAll(server, "allEventsBatched", "id status start", { args })).records;
  return [...shown, ...canceled].sort((a, b) => String(a.start).localeCompare(String(b.start)));
}
