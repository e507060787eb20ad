import assert from "node:assert/strict";
import { cornerShop, harmless, harmTo, settle } from "../fixtures/corner-shop.ts";
import { type Fault, faultsAt, meet, places, syncAfter } from "../fixtures/faults.ts";
import { versions } from "../fixtures/syncing.ts";

// One stream for each kind of source that has pages.
const streams = ["clients", "contacts", "appointments"];
const outcomes = ["complete", "partial", "degraded", "paused", "failed"];

Deno.test("each fault with each other in one run, at the same page and at the next", async (test) => {
  await using platform = await cornerShop();
  for (const name of streams) {
    await settle(platform, name);
    const before = await versions(platform, name);
    await test.step(name, async () => {
      for (const fault of pairs(name)) {
        const { context, report } = await meet(platform, name, fault);
        assert.equal(await versions(platform, name), before, context);
        await syncAfter(platform, name, fault, report);
        assert.equal(await versions(platform, name), before, `after ${context}`);
        assert.deepEqual(await harmTo(platform, name), harmless, context);
      }
    });
  }
});

/** Every pair of faults, the pages in turn. */
function pairs(stream: string): Fault[] {
  const pages = places[stream]!.map((at) => chosen(stream, faultsAt(stream, at)));
  const found: Fault[] = [];
  for (let one = 0; one < pages[0]!.length; one++) {
    for (let other = one + 1; other < pages[0]!.length; other++) {
      const page = found.length % (pages.length - 1);
      const faults = [pages[page]![one]!, pages[page + found.length % 2]![other]!];
      const orders = faults.flatMap(({ orders }) => orders);
      found.push({ what: faults.map(({ what }) => what).join(" and "), orders, outcomes });
    }
  }
  return found;
}

/** What the client of the API gets over does not reach the source: beside clients two of those stand for all. */
function chosen(stream: string, faults: Fault[]): Fault[] {
  const passing = faults.filter(({ passes }) => passes);
  return stream === "clients" ? faults : faults.filter((fault) => !passing.slice(1, -1).includes(fault));
}
