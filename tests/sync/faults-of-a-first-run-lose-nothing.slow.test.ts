import assert from "node:assert/strict";
import { streams } from "../../supabase/functions/_shared/gazelle/index.ts";
import { contentOf, cornerShop, harmless, harmTo, settle } from "../fixtures/corner-shop.ts";
import { type Fault, faultsAt, meet, places, syncAfter } from "../fixtures/faults.ts";
import type { TestPlatform } from "../fixtures/platform.ts";
import { tableOf } from "../fixtures/syncing.ts";

Deno.test("every fault of the double at every page of a run into an empty table", async (test) => {
  await using platform = await cornerShop();
  for (const { name } of streams) {
    await settle(platform, name);
    const content = await contentOf(platform, name);
    await test.step(`${name}: each row is written once, as people left it`, async () => {
      for (const fault of places[name]!.flatMap((at) => faultsAt(name, at))) {
        await fill(platform, name, fault, content);
      }
    });
  }
});

async function fill(platform: TestPlatform, stream: string, fault: Fault, content: string): Promise<void> {
  const { sql } = platform;
  await sql`truncate ${sql(tableOf(stream))}`;
  const { context, report } = await meet(platform, stream, fault);
  const { missing, lost } = await harmTo(platform, stream);
  assert.deepEqual([missing, lost], [0, 0], context);

  if (!fault.passes) await syncAfter(platform, stream, fault, report);
  const [written] = await sql`
    select sum(inserted)::integer as inserted, sum(updated)::integer as updated
    from sync.runs where stream = ${stream} and id >= ${report.run_id}`;
  const [{ rows }] = await sql`select count(*)::integer as rows from ${sql(tableOf(stream))}` as [
    { rows: number },
  ];
  assert.equal(written?.inserted, rows, `${context}: inserted`);
  // A field that was unknown arrives later.
  assert.ok(written?.updated <= report.counters.unknown_fields!, `${context}: ${written?.updated} updated`);
  assert.deepEqual(await harmTo(platform, stream), harmless, context);
  assert.equal(await contentOf(platform, stream), content, `after ${context}`);
}
