import assert from "node:assert/strict";
import type { FaultOrder } from "../../gazelle-double/orders.ts";
import type { TestPlatform } from "../fixtures/platform.ts";
import { clearFaults, smallShop, sync } from "../functions/syncing.ts";

type Place = { field: "allClients"; page: number };

/** Those that a run gets over by itself. */
const passing: Record<string, (at: Place) => FaultOrder> = {
  "a token that ran out": (at) => ({ ...at, kind: "expired_token" }),
  "a 401": (at) => ({ ...at, kind: "unauthorized" }),
  "a 429": (at) => ({ ...at, kind: "too_many_requests", retryAfter: 0 }),
  "a 502": (at) => ({ ...at, kind: "server_error", status: 502 }),
  "a time-out": (at) => ({ ...at, kind: "timeout" }),
  "a cut connection": (at) => ({ ...at, kind: "cut" }),
  "malformed JSON": (at) => ({ ...at, kind: "malformed_json" }),
};

/** The others, with how a run may end; none of them may lose a value or call a row missing. */
const others: [string, (at: Place) => FaultOrder, string[]][] = [
  ["a 403", (at) => ({ ...at, kind: "forbidden" }), ["failed"]],
  ["an hour's wait", (at) => ({ ...at, kind: "too_many_requests", retryAfter: 3600 }), ["paused"]],
  ["an error in a field", (at) => ({ ...at, kind: "field_error", path: "companyName" }), ["complete"]],
  ["an error over a record", (at) => ({ ...at, kind: "field_error", path: "tags" }), ["complete"]],
  ["a record without an id", (at) => ({ ...at, kind: "malformed_record" }), ["complete"]],
  ["a record that is none", (at) => ({ ...at, kind: "malformed_record", path: ".", value: 7 }), ["complete"]],
  ["half of a page", (at) => ({ ...at, kind: "subset", times: 1 }), ["partial", "failed"]],
];

Deno.test("faults at every page of a run, single and combined", async (test) => {
  await using platform = await smallShop({
    GAZELLE_PAGE_SIZE: "70",
    GAZELLE_TIMEOUT_MS: "300",
    GAZELLE_RETRIES: "4",
  });
  const { sql } = platform;
  const { body: first } = await sync(platform, "clients");
  await sql`update gazelle_clients set tags = tags || '{mine}', personal_notes = 'by hand'`;
  await sql`create table owned as select external_id from gazelle_clients`;
  const pages = Math.ceil(first.counters.total! / 70);
  assert.ok(pages >= 4);
  const everyPage = Array.from(
    { length: pages },
    (_, place): Place => ({ field: "allClients", page: place + 1 }),
  );

  for (const [what, fault] of Object.entries(passing)) {
    await test.step(`${what} at each of ${pages} pages: the run gets over it`, async () => {
      for (const at of everyPage) await endsAs(platform, [fault(at)], ["complete"]);
    });
  }
  for (const [what, fault, outcomes] of others) {
    await test.step(`${what} at each of ${pages} pages: ${outcomes.join(" or ")}, and no harm`, async () => {
      for (const at of everyPage) await endsAs(platform, [fault(at)], outcomes);
    });
  }
  await test.step("each with each other, at the same page and a later one", async () => {
    const all = [...Object.values(passing), ...others.map(([, fault]) => fault)];
    const pairs = all.flatMap((one, place) => all.slice(place + 1).map((other) => [one, other] as const));
    for (const [number, [one, other]] of pairs.entries()) {
      const at = everyPage[number % (pages - 1)]!;
      const later = number % 2 ? at : { ...at, page: at.page + 1 };
      await endsAs(platform, [one(at), other(later)], ["complete", "partial", "paused", "failed"]);
    }
  });
  await test.step("pages that shift at each page: nothing is called missing that is there", async () => {
    for (const { page } of everyPage.slice(1)) {
      for (const change of ["insert", "remove"] as const) {
        await endsAs(platform, [{ kind: "shift", field: "allClients", page, change }], [
          "complete",
          "partial",
        ]);
      }
    }
  });
});

/** The run ends so, harms nothing, and the next one is complete. */
async function endsAs(platform: TestPlatform, faults: FaultOrder[], outcomes: string[]): Promise<void> {
  const { sql } = platform;
  for (const fault of faults) platform.double.order(fault);
  const { body } = await sync(platform, "clients");
  const context = `${JSON.stringify(faults)}: ${body.status} ${body.error?.message ?? ""}`;
  assert.ok(outcomes.includes(body.status), context);
  assert.ok(!body.counters.missing, context);
  await clearFaults(platform);
  await sql`update sync.runs set not_before = null where status = 'paused'`;
  assert.equal((await sync(platform, "clients")).body.status, "complete", context);
  const [lost] = await sql`
    select count(*)::integer as rows from owned left join gazelle_clients c using (external_id)
    where (c.tags @> '{mine}' and c.personal_notes = 'by hand') is not true`;
  assert.equal(lost?.rows, 0, context);
}
