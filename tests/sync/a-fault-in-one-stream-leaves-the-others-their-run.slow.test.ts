import assert from "node:assert/strict";
import type { FaultOrder } from "../../gazelle-double/orders.ts";
import { streams } from "../../supabase/functions/_shared/gazelle/index.ts";
import { cornerShop, harmless, harmTo, settle } from "../fixtures/corner-shop.ts";
import { type Place, places } from "../fixtures/faults.ts";
import type { TestPlatform } from "../fixtures/platform.ts";
import { countRequests, sync, versions } from "../fixtures/syncing.ts";

const names = streams.map(({ name }) => name);
const retries = 1;

Deno.test("a fault in one stream of a round leaves the others their run", async (test) => {
  await using platform = await cornerShop({ GAZELLE_RETRIES: String(retries) });
  for (const name of names) await settle(platform, name);
  const before = await standing(platform);

  for (const [turn, name] of names.entries()) {
    const [earlier, later] = [names.slice(0, turn), names.slice(turn + 1)];
    await test.step(`${name} is refused: all others have theirs`, async () => {
      const { status, reports, waiting } = await round(platform, { ...placeIn(name), kind: "forbidden" });
      assert.deepEqual([status, reports, waiting], [
        502,
        { ...complete(names), [name]: "gazelle_refused" },
        [],
      ]);
      assert.deepEqual(await standing(platform), before);
    });
    await test.step(`${name} cannot be reached in the next round: the next call goes on with those that wait`, async () => {
      const cut: FaultOrder = { ...placeIn(name), kind: "cut", times: 1 + retries };
      assert.deepEqual(await round(platform, cut), {
        status: 502,
        reports: { ...complete(earlier), [name]: "gazelle_unreachable" },
        waiting: later,
      });
      // After the last one there is a new round.
      const due = later.length > 0 ? later : names;
      assert.deepEqual(await round(platform), { status: 200, reports: complete(due), waiting: [] });
      assert.deepEqual(await standing(platform), before);
    });
    await test.step(`${name} is to wait: nobody asks Gazelle before it is over, then it goes on first`, async () => {
      const wait: FaultOrder = { ...placeIn(name), kind: "too_many_requests", retryAfter: 3600 };
      const paused = { status: 202, reports: { [name]: "gazelle_rate_limited" }, waiting: later };
      assert.deepEqual(await round(platform, wait), {
        ...paused,
        reports: { ...complete(earlier), ...paused.reports },
      });
      const asked = await countRequests(platform);
      assert.deepEqual(await round(platform), paused);
      assert.equal(await countRequests(platform), asked);
      await platform.sql`update sync.runs set not_before = clock_timestamp() where status = 'paused'`;
      const reports = complete([name, ...later]);
      assert.deepEqual(await round(platform), { status: 200, reports, waiting: [] });
      assert.deepEqual(await standing(platform), before);
    });
  }
});

/** The first page that a stream reads in a round; that of contacts is read by clients before. */
function placeIn(stream: string): Place {
  const [first] = places[stream]!;
  return stream === "contacts" ? { ...first!, skip: 1 } : first!;
}

function complete(streams: string[]): Record<string, string> {
  return Object.fromEntries(streams.map((name) => [name, "complete"]));
}

type Answer = {
  reports: { stream: string; status: string; error: { code: string } | null }[];
  waiting: string[];
};

async function round(platform: TestPlatform, fault?: FaultOrder) {
  if (fault) platform.double.order(fault);
  const { status, body } = await sync(platform, "all");
  const { reports, waiting } = body as unknown as Answer;
  const outcomes = reports.map(({ stream, status, error }) => [stream, error?.code ?? status]);
  return { status, reports: Object.fromEntries(outcomes), waiting };
}

/** Every row in its version, and whether any came to harm. */
async function standing(platform: TestPlatform): Promise<string[]> {
  const found: string[] = [];
  for (const name of names) {
    assert.deepEqual(await harmTo(platform, name), harmless, name);
    found.push(await versions(platform, name));
  }
  return found;
}
