import assert from "node:assert/strict";
import type { Scheduled } from "../../cli/commands/schedule.ts";
import { localPlatform } from "../fixtures/local.ts";
import { readLines, verb } from "./verbs.ts";

Deno.test("schedule: shown, begun, changed, taken off, refused", async (test) => {
  await using platform = await localPlatform();
  const ask = (...words: string[]) => verb(platform, "SQL", "schedule", ...words);
  const read = async (...words: string[]) => readLines<Scheduled>(await ask(...words, "--json"));

  const [{ count }] = await platform.sql<[{ count: number }]>`select count(*)::int from sync.jobs`;

  await test.step("before it is begun everything is off, and what to type is said", async () => {
    const { code, printed } = await ask();
    assert.equal(code, 0);
    assert.match(printed, /│ clients +│ 5 \* \* \* \* +│ OFF │ never +│/);
    assert.match(printed, /^Nothing runs on schedule\. To begin: etiquette schedule all on$/m);
  });

  await test.step("all on, and all of them are", async () => {
    const jobs = await read("all", "on");
    assert.deepEqual([jobs.length, jobs.every(({ active }) => active)], [count, true]);
    assert.equal((await platform.sql`select from cron.job`).length, count);
  });

  await test.step("a job gets another cadence, is taken off, and put back with it", async () => {
    const shown = async (...words: string[]) =>
      (await read(...words)).map(({ job, schedule, active }) => [job, schedule, active]);
    assert.deepEqual(await shown("clients", "*/15 * * * *"), [["clients", "*/15 * * * *", true]]);
    assert.deepEqual(await shown("clients", "off"), [["clients", "*/15 * * * *", false]]);
    assert.deepEqual(await shown("clients"), [["clients", "*/15 * * * *", false]]);
    assert.deepEqual(await shown("clients", "on"), [["clients", "*/15 * * * *", true]]);
  });

  await test.step("what a job was answered stands there, and why it failed", async () => {
    await platform.sql`insert into sync.calls (job, request_id, answered_at, status, outcome, error)
      values ('pianos', 1, now(), 401, 'failed', 'answered 401: no key')`;
    const { printed } = await ask();
    assert.match(printed, /│ pianos +│ 15 \* \* \* \* +│ on +│ 20\d\d-\d\d-\d\d \d\d:\d\d │ 401 +│/);
    assert.match(printed, /^✖ pianos: answered 401: no key$/m);
    assert.doesNotMatch(printed, /To begin/);
  });

  await test.step("no cadence, no job, no person: refused, with what is allowed", async () => {
    const wrong = await ask("clients", "hourly");
    assert.equal(wrong.code, 1);
    assert.match(wrong.output, /'hourly' is no schedule \(SY001\).*Every 15 minutes: \*\/15 \* \* \* \*/s);
    assert.match(
      (await ask("violins", "on")).output,
      /there is no job violins \(PT404\).*Jobs: appointments, /s,
    );
    assert.match((await ask("violins")).output, /there is no job violins \(PT404\)/);
    assert.match((await verb(platform, "URL and key", "schedule", "all", "off")).output, /\(needs_person\)/);
    assert.equal((await platform.sql`select from cron.job`).length, count);
  });

  await test.step("without its secrets nothing is begun, and which is said", async () => {
    await platform.sql`delete from vault.secrets where name = 'cron_secret_key'`;
    const { code, output } = await ask("all", "on");
    assert.equal(code, 1);
    assert.match(output, /without the secret cron_secret_key in Vault \(SY002\).*vault\.create_secret/s);
  });
});
