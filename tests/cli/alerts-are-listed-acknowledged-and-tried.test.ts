import assert from "node:assert/strict";
import { createScheduler } from "../../local/scheduler.ts";
import { smallShop } from "../fixtures/syncing.ts";
import { slackLike } from "../fixtures/webhook.ts";
import { verb } from "./verbs.ts";

Deno.test("alerts on the command line", async (test) => {
  await using platform = await smallShop();
  const { sql } = platform;

  await test.step("without a webhook a test says what is missing", async () => {
    const { code, output } = await verb(platform, "URL and key", "alerts", "test");
    assert.equal(code, 1);
    assert.match(output, /No address is set .*\(no_webhook\).*vault\.create_secret/s);
  });

  await using webhook = await slackLike();
  await sql`select vault.create_secret(${webhook.url}, 'alert_webhook_url')`;
  await using scheduler = createScheduler(platform.databaseUrl);
  await scheduler.start();

  await test.step("a test message arrives, and what the webhook answers is told", async () => {
    const taken = await verb(platform, "SQL", "alerts", "test");
    assert.equal(taken.code, 0, taken.output);
    assert.match(webhook.texts.at(-1)!, /^\*test: message\*\nAlerts of this database arrive here\.$/);
    webhook.status = 410;
    const refused = await verb(platform, "SQL", "alerts", "test");
    assert.match(refused.output, /The webhook for alerts answered 410\. \(alert_not_posted\)/);
    assert.ok(!refused.output.includes(webhook.url));
    webhook.status = 200;
  });

  await test.step("an open one is listed with what to do; acknowledged, it is not posted, and stays open", async () => {
    await sql`insert into sync.alerts (job, kind, message, hint) values ('pianos', 'badges_held', 'three', 'Look.')`;
    const listed = await verb(platform, "URL and key", "alerts");
    assert.equal(listed.code, 1);
    assert.match(listed.printed, /^✖ {2}\d+ pianos: badges_held, since .*\n {3}three\n {3}Look\.$/m);
    const [alert] = await sql`select id from sync.alerts`;
    assert.match((await verb(platform, "SQL", "alerts", "ack", String(alert!.id))).printed, /, acknowledged/);
    const before = webhook.texts.length;
    await sql`select sync.post_alerts()`;
    assert.equal((await sql`select from net.http_request_queue`).length + webhook.texts.length, before);
    assert.equal((await verb(platform, "SQL", "alerts")).code, 1);
  });

  await test.step("what is over is listed with --all, and cannot be acknowledged", async () => {
    const [{ id }] = await sql<[{ id: number }]>`update sync.alerts set resolved_at = now() returning id`;
    assert.equal((await verb(platform, "SQL", "alerts")).printed, "No alert is open.\n");
    assert.match(
      (await verb(platform, "SQL", "alerts", "--all")).printed,
      /^ok \d+ pianos: badges_held, .*over since/,
    );
    assert.match(
      (await verb(platform, "SQL", "alerts", "ack", String(id))).output,
      /there is no open alert \d+/,
    );
  });
});
