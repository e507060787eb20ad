import assert from "node:assert/strict";
import { lastRun, smallShop, sync } from "../fixtures/syncing.ts";

const message = "broken \0 \ud83c message";
const stored = "broken \ufffd \ufffd message";

Deno.test("words of Gazelle that Postgres cannot store end up on record all the same", async (test) => {
  await using platform = await smallShop();
  const { sql, double } = platform;
  await sync(platform, "pianos");

  await test.step("as the reason of a rejected record", async () => {
    double.order({ kind: "field_error", field: "allPianos", path: "tags", message });
    const { body } = await sync(platform, "pianos");
    assert.deepEqual([body.status, body.counters.rejected], ["complete", 1]);
    const [rejected] = await sql`select reason from sync.rejected_records where run_id = ${body.run_id}`;
    assert.equal(rejected?.reason, `Gazelle answered an error: ${stored}`);
  });

  await test.step("as the details of a failed run", async () => {
    double.order({ kind: "field_error", field: "allUsers", path: "email", message, times: 3 });
    const { status, body } = await sync(platform, "users");
    assert.deepEqual([status, body.status, body.error?.details], [502, "failed", stored]);
    assert.deepEqual((await lastRun(platform))?.error, body.error);
  });

  await test.step("a value nested without end: quarantined, without the payload", async () => {
    double.order({ kind: "malformed_record", field: "allPianos", path: "notes", value: nested(1000) });
    const { body } = await sync(platform, "pianos");
    assert.deepEqual([body.status, body.counters.rejected], ["complete", 1]);
    const [rejected] = await sql`select payload from sync.rejected_records where run_id = ${body.run_id}`;
    assert.equal(rejected?.payload, "nested too deeply to be kept");
  });
});

type Nested = Nested[];

function nested(depth: number): Nested {
  let value: Nested = [];
  for (let k = 0; k < depth; k++) value = [value];
  return value;
}
