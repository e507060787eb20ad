import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { slackLike } from "../fixtures/webhook.ts";
import { scheduledShop } from "./scheduling.ts";

Deno.test("a key that is refused is recorded, and three times in a row are an alert", async (test) => {
  await using shop = await scheduledShop();
  const { sql, pass } = shop;
  await using webhook = await slackLike();
  await sql`select vault.create_secret(${webhook.url}, 'alert_webhook_url')`;
  const setKey = (key: string) =>
    sql`select vault.update_secret(id, ${key}) from vault.secrets where name = 'cron_secret_key'`;
  const open = async () => [...await sql`select job, kind, times from sync.alerts where resolved_at is null`];

  await test.step("cron says that it succeeded, the record says what was answered", async () => {
    await setKey("sb_secret_of_another_project");
    await pass("09:05");
    await pass("09:06");
    const [cron] = await sql`select status from cron.job_run_details where command ~ 'clients'`;
    assert.equal(cron?.status, "succeeded");
    const [shown] =
      await sql`select last_answer, last_error, last_run from sync.schedules where job = 'clients'`;
    assert.equal(shown?.last_answer, 401);
    assert.match(shown?.last_error, /^answered 401: /);
    assert.equal(shown?.last_run, null);
    assert.deepEqual(await open(), []);
  });

  await test.step("the third raises an alert, which is posted without any function's help", async () => {
    for (const hour of ["10", "11"]) await pass(`${hour}:05`);
    await pass("11:10");
    assert.deepEqual(await open(), [{ job: "clients", kind: "job_failing", times: 3 }]);
    await pass("11:15");
    assert.equal(webhook.texts.length, 1);
    assert.match(
      webhook.texts[0]!,
      /^\*clients: job_failing\*\ncalls of clients: failed 3 times in a row\nanswered 401: /,
    );
    const [alert] = await sql`select posted_at is not null as posted from sync.alerts`;
    assert.equal(alert?.posted, true);
    await pass("11:25");
    assert.equal(webhook.texts.length, 1, "it is told once");
  });

  await test.step("a call that is answered closes it", async () => {
    await setKey(shop.cronKey);
    await pass("12:05");
    await pass("12:10");
    const [shown] =
      await sql`select last_answer, last_error, last_run from sync.schedules where job = 'clients'`;
    assert.deepEqual({ ...shown }, { last_answer: 200, last_error: null, last_run: "complete" });
    assert.deepEqual(await open(), []);
  });

  await test.step("a secret that is gone is named", async () => {
    await sql`delete from vault.secrets where name = 'cron_secret_key'`;
    await pass("13:05");
    const [shown] = await sql`select last_error from sync.schedules where job = 'clients'`;
    assert.equal(shown?.last_error, "missing: the secret cron_secret_key in Vault");
  });

  await test.step("no key is in a table, a cron job or a message", async () => {
    const held = await sql`
      select format('%s', j) as row from cron.job j union all select format('%s', d) from cron.job_run_details d
      union all select format('%s', c) from sync.calls c union all select format('%s', a) from sync.alerts a
      union all select format('%s', q) from net.http_request_queue q
      union all select format('%s', r) from net._http_response r`;
    assert.ok(held.length > 50);
    const secrets = [shop.cronKey, "sb_secret_of_another_project", webhook.url];
    assert.deepEqual(held.filter(({ row }) => secrets.some((secret) => row.includes(secret))), []);
  });
});

Deno.test("a run that is at work refuses the next call, which is told and no failure", async () => {
  // A Gazelle that answers when the test says so.
  const gazelle = createServer();
  gazelle.listen(0, "127.0.0.1");
  await once(gazelle, "listening");
  const url = `http://127.0.0.1:${(gazelle.address() as AddressInfo).port}/`;
  await using shop = await scheduledShop({ GAZELLE_GRAPHQL_URL: url, GAZELLE_TIMEOUT_MS: "60000" });
  const { sql, pass } = shop;
  const asked = once(gazelle, "request");
  const first = pass("09:05");
  const [, response] = await asked as [unknown, ServerResponse];
  const second = pass("10:05");
  const status = async () => [
    ...await sql`select status, outcome from sync.calls where job = 'clients' and status is not null order by id`,
  ];
  // The call that is refused is answered long before the first one is.
  await second;
  await pass("10:06");
  assert.deepEqual(await status(), [{ status: 409, outcome: "ok" }]);

  response.end(JSON.stringify({
    data: { allClients: { totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null }, nodes: [] } },
  }));
  await first;
  await pass("10:07");
  assert.deepEqual(await status(), [{ status: 200, outcome: "ok" }, { status: 409, outcome: "ok" }]);
  assert.deepEqual([...await sql`select status from sync.runs`], [{ status: "complete" }]);
  gazelle.closeAllConnections();
  gazelle.close();
});

Deno.test("a function that does not answer in time, and one that nobody serves, are recorded", async () => {
  const silent = createServer();
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const place = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  await using shop = await scheduledShop();
  const { sql, pass } = shop;
  await sql`update sync.jobs set timeout_milliseconds = 1000`;
  const setUrl = (url: string) =>
    sql`select vault.update_secret(id, ${url}) from vault.secrets where name = 'project_url'`;
  const lastError = async () =>
    (await sql`select last_error from sync.schedules where job = 'pianos'`)[0]?.last_error;

  await setUrl(`http://${place}`);
  await pass("09:15");
  await pass("09:16");
  assert.equal(await lastError(), "Timeout of 1000 ms reached");
  silent.closeAllConnections();
  silent.close();
  await once(silent, "close");
  await pass("10:15");
  await pass("10:16");
  assert.match(await lastError(), /connect/i);

  await setUrl(`${shop.url}/`);
  await sql`update sync.jobs set edge_function = 'sync-violins' where job = 'pianos'`;
  await pass("11:15");
  await pass("11:16");
  assert.match(await lastError(), /^answered 404: .*not found/);
});
