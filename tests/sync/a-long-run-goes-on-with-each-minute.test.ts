import assert from "node:assert/strict";
import { scheduledShop } from "./scheduling.ts";

Deno.test("a run longer than a call is gone on with each minute, one run at a time", async () => {
  await using shop = await scheduledShop();
  const { sql, pass } = shop;
  // A call does one page, or one chunk.
  await sql`update sync.settings set slice_milliseconds = 0`;
  await sql`select sync.unschedule(job) from sync.jobs where job not in ('clients', 'pianos', 'resume')`;
  await sql`select sync.schedule('clients', '30 9 * * *'), sync.schedule('pianos', '30 9 * * *')`;
  await pass("09:30");
  const calls = async () =>
    (await sql`select count(*)::int as calls from sync.calls where request_id is not null`)[0]?.calls;
  const runs = async () => [...await sql`select stream, status, slices from sync.runs order by stream`];
  assert.deepEqual((await runs()).map(({ stream, status, slices }) => `${stream} ${status} ${slices}`), [
    "clients paused 1",
    "pianos paused 1",
  ]);
  await pass("09:31");
  const slices = (await runs()).map(({ slices }) => slices);
  assert.equal(slices[0] + slices[1], 3, "one of the two went on");

  for (let minute = 32; minute < 60; minute++) await pass(`09:${minute}`);
  const ended = await runs();
  assert.deepEqual(ended.map(({ status }) => status), ["complete", "complete"]);
  assert.ok(ended.every(({ slices }) => slices > 3), JSON.stringify(ended));
  assert.equal(
    await calls(),
    ended[0]!.slices + ended[1]!.slices,
    "nothing is called when there is nothing to go on with",
  );

  await sql`update sync.runs set status = 'paused', finished_at = null`;
  await sql`update sync.streams set is_enabled = false`;
  const before = await calls();
  await sql`select sync.tick('resume')`;
  assert.equal(await calls(), before, "what is switched off is left alone");
  await sql`update sync.streams set is_enabled = true`;
  await sql`select sync.tick('resume')`;
  await sql`select sync.tick('resume')`;
  assert.equal(await calls(), before + 1, "no second call while an answer is awaited");
});
