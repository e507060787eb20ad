import assert from "node:assert/strict";
import type { FaultOrder } from "../../gazelle-double/orders.ts";
import type { TestPlatform } from "../fixtures/platform.ts";
import { clearFaults, countRequests, lastRun, smallShop, sync, versions } from "../fixtures/syncing.ts";

const always = { field: "allClients", times: "always" } as const;
const once = { field: "allClients", page: 2 } as const;

const passing: Record<string, FaultOrder> = {
  "a token that ran out": { kind: "expired_token", field: "allClients" },
  "a 401": { ...once, kind: "unauthorized" },
  "a 429": { ...once, kind: "too_many_requests", retryAfter: 0 },
  "a 500": { ...once, kind: "server_error", status: 500 },
  "a time-out": { ...once, kind: "timeout" },
  "a cut connection": { ...once, kind: "cut" },
  "malformed JSON": { ...once, kind: "malformed_json" },
};

const failing: [string, FaultOrder, string, RegExp][] = [
  ["401 for good", { ...always, kind: "unauthorized" }, "gazelle_unauthorized", /set GAZELLE_REFRESH_TOKEN/],
  ["403", { ...always, kind: "forbidden" }, "gazelle_refused", /what the user of the credentials may see/],
  [
    "429 for good",
    { ...always, kind: "too_many_requests", retryAfter: 0 },
    "gazelle_rate_limited",
    /GAZELLE_PAUSE_MS/,
  ],
  ["503 for good", { ...always, kind: "server_error", status: 503 }, "gazelle_unavailable", /again later/],
  ["no answer", { ...always, kind: "timeout" }, "gazelle_timeout", /GAZELLE_TIMEOUT_MS/],
  ["cut connections", { ...always, kind: "cut" }, "gazelle_unreachable", /GAZELLE_GRAPHQL_URL/],
  ["malformed JSON", { ...always, kind: "malformed_json" }, "gazelle_malformed", /GAZELLE_GRAPHQL_URL/],
  ["an error on page 3", { ...always, page: 3, kind: "server_error" }, "gazelle_unavailable", /again later/],
];

Deno.test("faults of Gazelle", async (test) => {
  await using platform = await smallShop();
  await sync(platform, "clients");

  for (const [what, fault] of Object.entries(passing)) {
    await test.step(`${what}, once: the run gets over it`, async () => {
      platform.double.order(fault);
      await succeeds(platform);
    });
  }

  for (const [what, fault, code, hint] of failing) {
    await test.step(`${what}: 502 ${code}, on record, nothing touched, the next run succeeds`, async () => {
      const before = await versions(platform, "clients");
      platform.double.order(fault);
      const { status, body } = await sync(platform, "clients");
      assert.deepEqual([status, body.status, body.error?.code], [502, "failed", code]);
      assert.match(body.error?.hint ?? "", hint);
      const run = await lastRun(platform);
      assert.deepEqual([run?.id, run?.status, run?.error], [String(body.run_id), "failed", body.error]);
      assert.equal(await versions(platform, "clients"), before);
      await clearFaults(platform);
      await succeeds(platform);
    });
  }

  await test.step("429 for an hour: 202, paused for a quarter of it, at the page where it was", async () => {
    platform.double.order({ ...once, kind: "too_many_requests", retryAfter: 3600 });
    const { status, body } = await sync(platform, "clients");
    assert.deepEqual([status, body.status, body.error?.code], [202, "paused", "gazelle_rate_limited"]);
    assert.match(body.error?.hint ?? "", /in 900 s/);
    const asked = await countRequests(platform);
    const waiting = await sync(platform, "clients");
    assert.deepEqual([waiting.status, waiting.body.run_id], [202, body.run_id]);
    assert.equal(await countRequests(platform), asked, "Gazelle is left alone while the run waits");

    await platform.sql`update sync.runs set not_before = clock_timestamp() where id = ${body.run_id}`;
    const done = await sync(platform, "clients");
    assert.deepEqual([done.body.status, done.body.run_id, done.body.error], ["complete", body.run_id, null]);
  });

  await test.step("429 for an hour, again and again: after five waits without a page it fails", async () => {
    platform.double.order({ ...always, kind: "too_many_requests", retryAfter: 3600 });
    const statuses = [];
    for (let call = 0; call < 6; call++) {
      statuses.push((await sync(platform, "clients")).body.status);
      await platform.sql`update sync.runs set not_before = null where status = 'paused'`;
    }
    assert.deepEqual(statuses, [...Array(5).fill("paused"), "failed"]);
    await clearFaults(platform);
    await succeeds(platform);
  });

  await test.step("a refresh token that is refused: said so, with what to do", async () => {
    platform.double.order({ kind: "revoked_refresh_token" });
    platform.double.order({ kind: "expired_token" });
    const { status, body } = await sync(platform, "clients");
    assert.deepEqual([status, body.error?.code], [502, "gazelle_unauthorized"]);
    assert.match(body.error?.hint ?? "", /Connect to Gazelle again/);
  });
});

async function succeeds(platform: TestPlatform) {
  const { status, body } = await sync(platform, "clients");
  assert.deepEqual([status, body.status, body.error], [200, "complete", null]);
}
