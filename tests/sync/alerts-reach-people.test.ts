import assert from "node:assert/strict";
import { slackLike } from "../fixtures/webhook.ts";
import { clearFaults, smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("alerts", async (test) => {
  await using platform = await smallShop();
  const { sql, double } = platform;
  await using webhook = await slackLike();
  await sql`select vault.create_secret(${webhook.url}, 'alert_webhook_url')`;
  await sql`update sync.settings set run_link = 'https://shop.test/runs/{run}'`;
  const open = async () => {
    const found = await sql`select kind, times from sync.alerts where resolved_at is null order by kind`;
    return found.map(({ kind, times }) => `${kind} ${times}`);
  };
  await sync(platform, "clients");
  assert.deepEqual([await open(), webhook.texts], [[], []], "a complete run alarms nobody");

  await test.step("a failed run: a row, and a post with its link, what happened and what to do", async () => {
    double.order({ kind: "server_error", status: 503, field: "allClients", times: "always" });
    const { body } = await sync(platform, "clients");
    assert.deepEqual(await open(), ["run_failed 1"]);
    assert.equal(webhook.texts.length, 1);
    const link = `*clients: run_failed* (<https://shop.test/runs/${body.run_id}|run ${body.run_id}>)`;
    assert.equal(webhook.texts[0]?.split("\n")[0], link);
    assert.match(webhook.texts[0]!, /Gazelle answered 503.*again later/s);
  });

  await test.step("the same again counts up, and is not posted again", async () => {
    await sync(platform, "clients");
    assert.deepEqual([await open(), webhook.texts.length], [["run_failed 2"], 1]);
  });

  await test.step("a complete run of the stream closes it", async () => {
    await clearFaults(platform);
    await sync(platform, "clients");
    assert.deepEqual([await open(), webhook.texts.length], [[], 1]);
  });

  await test.step("what the webhook did not take goes with the next run", async () => {
    webhook.status = 500;
    double.order({ kind: "subset" });
    assert.equal((await sync(platform, "clients")).status, 422);
    await clearFaults(platform);
    webhook.status = 200;
    double.order({ kind: "shift", field: "allClients", page: 2 });
    assert.equal((await sync(platform, "clients")).body.status, "partial");
    assert.deepEqual(await open(), ["run_partial 1", "run_tripped 1"]);
    assert.match(webhook.texts.at(-2)!, /^\*clients: run_tripped\*.*would lose too much/s);
    assert.match(webhook.texts.at(-1)!, /^\*clients: run_partial\*/);
  });

  await test.step("a token that is refused has an alert of its own", async () => {
    double.order({ kind: "revoked_refresh_token" });
    double.order({ kind: "expired_token" });
    await sync(platform, "pianos");
    assert.ok((await open()).includes("token_refused 1"));
    assert.match(webhook.texts.at(-1)!, /pianos: token_refused.*set GAZELLE_REFRESH_TOKEN/s);
  });
});
