import assert from "node:assert/strict";
import { FAULT_KINDS } from "../../gazelle-double/orders.ts";
import { streams } from "../../supabase/functions/_shared/gazelle/index.ts";
import { cornerShop, harmless, harmTo, settle } from "../fixtures/corner-shop.ts";
import { faultsAt, kindsOf, meet, places, syncAfter } from "../fixtures/faults.ts";
import { versions } from "../fixtures/syncing.ts";

/** What happens to records has a test beside this one; what people refuse is in no request of a run. */
const elsewhere = ["shift", "edit", "delete", "merge", "insert", "access_denied"];

Deno.test("every fault of the double at every page of a run: no row is written, none is called missing", async (test) => {
  await using platform = await cornerShop();
  const faults = streams.flatMap(({ name }) => places[name]!.flatMap((at) => faultsAt(name, at)));
  assert.deepEqual(kindsOf(faults), FAULT_KINDS.filter((kind) => !elsewhere.includes(kind)).sort());

  for (const { name } of streams) {
    await settle(platform, name);
    const before = await versions(platform, name);
    await test.step(name, async () => {
      for (const fault of places[name]!.flatMap((at) => faultsAt(name, at))) {
        const { context, report } = await meet(platform, name, fault);
        assert.equal(await versions(platform, name), before, context);
        if (!fault.passes) await syncAfter(platform, name, fault, report);
        assert.equal(await versions(platform, name), before, `after ${context}`);
        assert.deepEqual(await harmTo(platform, name), harmless, context);
      }
    });
  }
});
