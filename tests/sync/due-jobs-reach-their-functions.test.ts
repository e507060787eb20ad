import assert from "node:assert/strict";
import { scheduledShop } from "./scheduling.ts";

Deno.test("on schedule", async (test) => {
  await using shop = await scheduledShop();
  const { sql, pass } = shop;
  const runs = async () =>
    (await sql`select stream, status, started_by from sync.runs order by id`).map((run) =>
      Object.values(run).join(" ")
    );

  await test.step("a minute runs the jobs that are due in it, over HTTP, and none else", async () => {
    await pass("09:04");
    assert.deepEqual(await runs(), []);
    await pass("09:05");
    assert.deepEqual(await runs(), ["clients complete key cron"]);
    await pass("09:15");
    assert.deepEqual(await runs(), ["clients complete key cron", "pianos complete key cron"]);
    const details = await sql`
      select command, status from cron.job_run_details where command ~ 'clients|pianos' order by runid`;
    assert.deepEqual(details.map(({ command, status }) => `${status}: ${command}`), [
      "succeeded: select sync.tick('clients')",
      "succeeded: select sync.tick('pianos')",
    ]);
  });

  await test.step("the answer is on record, and the view has it beside the run", async () => {
    await pass("09:16");
    const [shown] = await sql`
      select schedule, active, last_start is not null as began, last_answer, last_error, last_run
      from sync.schedules where job = 'pianos'`;
    assert.deepEqual({ ...shown }, {
      schedule: "15 * * * *",
      active: true,
      began: true,
      last_answer: 200,
      last_error: null,
      last_run: "complete",
    });
  });

  await test.step("detection reads what the sync brought", async () => {
    await pass("12:25");
    await pass("12:40");
    await pass("12:41");
    const [call] = await sql`select status, outcome from sync.calls where job = 'detect-pls'`;
    assert.deepEqual({ ...call }, { status: 200, outcome: "ok" });
    const [{ found } = { found: 0 }] = await sql`select count(*)::int as found from pls_evidence`;
    assert.ok(found > 0);
  });

  await test.step("sync.schedule changes the cadence, unschedule ends it", async () => {
    await sql`select sync.schedule('clients', '*/20 * * * *')`;
    await pass("13:05");
    await pass("13:40");
    const clients = async () => (await runs()).filter((run) => run.startsWith("clients")).length;
    assert.equal(await clients(), 2);
    const [shown] = await sql`select schedule, active from sync.unschedule('clients')`;
    assert.deepEqual({ ...shown }, { schedule: "*/20 * * * *", active: false });
    await pass("13:40");
    assert.equal(await clients(), 2);
    // It stays off when the others are put on again, and comes back with the cadence it had.
    await sql`select sync.schedule()`;
    await pass("13:40");
    assert.equal(await clients(), 2);
    await sql`select sync.schedule('clients')`;
    await pass("13:40");
    assert.equal(await clients(), 3);
  });
});
