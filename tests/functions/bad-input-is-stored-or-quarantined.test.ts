import assert from "node:assert/strict";
import type { TestPlatform } from "../fixtures/platform.ts";
import { type Mistake, mistakesOf, type Target, targets } from "./bad-input.ts";
import { smallShop, sync, tableOf } from "./syncing.ts";

Deno.test("a bad record is stored or quarantined, and harms nothing else", async (test) => {
  await using platform = await smallShop({ GAZELLE_PAGE_SIZE: "500", GAZELLE_TIMEOUT_MS: "20000" });

  for (const target of targets) {
    await sync(platform, target.stream);
    for (const mistake of mistakesOf(target)) {
      const fate = mistake.stored ? "is stored" : "is quarantined";
      await test.step(`${target.stream}: a record with ${mistake.what} ${fate}`, async () => {
        await meets(platform, target, mistake);
      });
    }

    await test.step(`${target.stream}: once Gazelle is well again, all is as it was`, async () => {
      const { body } = await sync(platform, target.stream);
      assert.deepEqual([body.status, body.counters.rejected], ["complete", 0]);
      const again = await sync(platform, target.stream);
      assert.equal(again.body.counters.unchanged, again.body.counters.total);
    });
  }
});

async function meets(platform: TestPlatform, target: Target, { field, value, stored }: Mistake) {
  const { stream, root, below } = target;
  const before = await rows(platform, stream);
  platform.double.order({
    kind: "malformed_record",
    field: root as "allClients",
    page: root === "allUsers" ? undefined : 1,
    path: below + field,
    value,
  });
  const { status, body } = await sync(platform, stream);
  assert.deepEqual([status, body.status, body.counters.missing], [200, "complete", 0]);
  assert.equal(body.counters.staged! + body.counters.rejected!, body.counters.total);
  assert.equal(body.counters.rejected, stored ? 0 : 1);

  const after = await rows(platform, stream);
  const changed = after.filter((row, place) => row.whole !== before[place]?.whole);
  assert.equal(after.length, before.length);
  if (stored) {
    assert.equal(changed.length, 1);
    assert.ok(same(JSON.parse(changed[0]!.whole)[stored], value), changed[0]!.whole.slice(0, 500));
    return;
  }
  assert.deepEqual(changed, [], "a quarantined record leaves its row alone");
  const [rejected] = await platform.sql`
    select external_id, reason, payload::text from sync.rejected_records where run_id = ${body.run_id}`;
  assert.equal(rejected?.external_id !== null, field !== "id");
  assert.ok(rejected?.reason);
  if (value !== undefined) assert.ok(rejected?.payload.includes(JSON.stringify(value)), rejected?.payload);
}

async function rows({ sql }: TestPlatform, stream: string) {
  return await sql<{ whole: string }[]>`
    select to_jsonb(t)::text as whole from ${sql(tableOf(stream))} t order by external_id`;
}

function same(stands: unknown, sent: Mistake["value"]): boolean {
  if (stands === sent) return true;
  const isMoment = typeof sent === "string" && /^\d{4}-\d\d-/.test(sent);
  return isMoment && Date.parse(String(stands)) === Date.parse(sent);
}
