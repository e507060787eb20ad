import assert from "node:assert/strict";
import type { FaultOrder } from "../../gazelle-double/orders.ts";
import { streams } from "../../supabase/functions/_shared/gazelle/index.ts";
import { cornerShop, harmless, harmTo, settle } from "../fixtures/corner-shop.ts";
import { type Fault, meet, type Place, places, syncAfter } from "../fixtures/faults.ts";
import type { TestPlatform } from "../fixtures/platform.ts";
import { sync, tableOf } from "../fixtures/syncing.ts";

type Insert = Extract<FaultOrder, { kind: "insert" }>;

/** A record of each stream: its kind, what a new one needs, a field of it with its column. */
const records: Record<string, { kind: Insert["record"]; needs?: "clientId"; field: string; column: string }> =
  {
    users: { kind: "user", field: "lastName", column: "last_name" },
    clients: { kind: "client", field: "companyName", column: "company_name" },
    contacts: { kind: "contact", needs: "clientId", field: "lastName", column: "last_name" },
    pianos: { kind: "piano", field: "make", column: "make" },
    appointments: { kind: "event", field: "title", column: "title" },
    timeline: { kind: "timelineEntry", needs: "clientId", field: "comment", column: "description" },
  };

const played = new Set<string>();

Deno.test("what changes upstream just before any page is read", async (test) => {
  await using platform = await cornerShop();
  for (const { name } of streams) {
    await settle(platform, name);
    await test.step(`${name}: nothing is called missing that is there, and the next run has it all`, async () => {
      for (const at of places[name]!) await changeAt(platform, name, at);
    });
  }
  assert.deepEqual([...played].sort(), ["delete", "edit", "insert", "merge", "shift"]);
});

Deno.test("a record that slips over a page's border, while as many come as go, is not called missing", async () => {
  await using platform = await cornerShop();
  const { double, sql } = platform;
  await settle(platform, "clients");
  double.order({ kind: "insert", record: "client", fields: {}, at: "start" });
  await sync(platform, "clients");
  const [first] = await newcomers(platform, "clients");
  // Between the two pages: what stood first on the second one is then the last of the first one, which was read.
  double.order({ kind: "delete", id: first!, field: "allClients", page: 2 });
  double.order({ kind: "insert", record: "client", fields: {}, at: "end", field: "allClients", page: 2 });
  const { body } = await sync(platform, "clients");
  assert.deepEqual([body.status, body.counters.missing], ["complete", 0]);
  const absent = await sql`select external_id from sync.absent_records where external_id <> ${first!}`;
  assert.equal(absent.length, 1, "one was lacking that is there");

  const next = await sync(platform, "clients");
  assert.deepEqual([next.body.status, next.body.counters.missing], ["complete", 0], "it was there again");
  await sync(platform, "clients");
  const missing = await sql`select external_id from gazelle_clients where missing_since is not null`;
  assert.deepEqual(missing.map((row) => row.external_id), [first], "only what is gone is called missing");
});

async function changeAt(platform: TestPlatform, stream: string, at: Place): Promise<void> {
  const { kind, needs, field } = records[stream]!;
  const known = await someRecord(platform, needs ? "clients" : stream);
  const fields: Record<string, string> = needs ? { [needs]: known } : {};

  // What comes at the start moves every page, what comes at the end none.
  const place = at.page === 1 ? "start" : "end";
  await happens(platform, stream, { ...at, kind: "insert", record: kind, fields, at: place });
  const [id] = await newcomers(platform, stream);
  await happens(platform, stream, { ...at, kind: "edit", id: id!, fields: { [field]: "changed" } });
  assert.equal(await valueOf(platform, stream, id!), "changed");
  const isMerged = at.page > 1 && ["clients", "pianos"].includes(stream);
  await happens(platform, stream, {
    ...at,
    ...isMerged ? { kind: "merge", from: id!, into: known } : { kind: "delete", id: id! },
  });
  assert.deepEqual(await newcomers(platform, stream), [], "one that is gone is called missing");

  const { field: list, page } = at;
  if (page === 1 || list === "client" || list === "allUsers" || stream === "contacts") return;
  for (const change of ["insert", "remove"] as const) {
    await happens(platform, stream, { ...at, kind: "shift", field: list as "allClients", page, change });
  }
}

/** A run during which it happens sees all of it or less, and harms nothing; the next one is complete. */
async function happens(platform: TestPlatform, stream: string, order: FaultOrder): Promise<void> {
  played.add(order.kind);
  const isGone = ["delete", "merge", "shift"].includes(order.kind);
  const fault: Fault = {
    what: order.kind,
    orders: [order],
    outcomes: ["complete", "partial"],
    takesAway: isGone,
  };
  const { report, context } = await meet(platform, stream, fault);
  assert.deepEqual(await harmTo(platform, stream), harmless, context);
  await syncAfter(platform, stream, fault, report);
  // The second complete read without it, where that run's was the first one.
  if (isGone) await sync(platform, stream);
  assert.deepEqual(await harmTo(platform, stream), harmless, `after ${context}`);
}

async function someRecord({ sql }: TestPlatform, stream: string): Promise<string> {
  const [row] = await sql`select min(external_id) as id from ${sql(`there_${stream}`)}`;
  return row!.id;
}

/** Ids of the rows that were not there at first, and are not missing. */
async function newcomers({ sql }: TestPlatform, stream: string): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select external_id as id from ${sql(tableOf(stream))} live
    where live.missing_since is null
      and not exists (select from ${sql(`there_${stream}`)} t where t.external_id = live.external_id)`;
  return rows.map(({ id }) => id);
}

async function valueOf({ sql }: TestPlatform, stream: string, id: string): Promise<string> {
  const [row] = await sql`
    select ${sql(records[stream]!.column)} as value from ${sql(tableOf(stream))} where external_id = ${id}`;
  return row!.value;
}
