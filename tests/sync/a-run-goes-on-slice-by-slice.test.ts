import assert from "node:assert/strict";
import { openSlice } from "../../supabase/functions/_shared/sync/slice.ts";
import { countRequests, smallShop, sync, versions } from "../fixtures/syncing.ts";

Deno.test("a run of 26 slices: each does one unit of work, and the whole is one complete run", async () => {
  await using platform = await smallShop({ GAZELLE_PAGE_SIZE: "9" });
  const { sql } = platform;
  await sql`update sync.settings set slice_milliseconds = 0, plan_rows = 100, apply_rows = 100`;
  const slices = [];
  let reply = await sync(platform, "pianos");
  while (reply.status === 202) {
    slices.push(reply.body.run_id);
    assert.equal(reply.body.error, null);
    reply = await sync(platform, "pianos");
  }
  const [{ total }] = await sql<[{ total: number }]>`select count(*)::integer as total from gazelle_pianos`;
  const pages = Math.ceil(total / 9);
  // A chunk is as many whole pages as reach 100 rows: 12 of 9 each.
  // An empty table is planned at once.
  const units = pages + 1 + Math.ceil(pages / 12);
  assert.equal(reply.body.slices, units);
  assert.ok(units >= 26, `${units} slices`);
  assert.deepEqual(new Set(slices), new Set([reply.body.run_id]));
  assert.deepEqual([reply.body.status, reply.body.counters.inserted], ["complete", total]);
  assert.equal(await countRequests(platform), pages, "no page is read twice");
  const before = await versions(platform, "pianos");
  while ((await sync(platform, "pianos")).status === 202);
  assert.equal(await versions(platform, "pianos"), before);
});

Deno.test("a slice ends in time, after one unit at least, whatever the clock does", async () => {
  let time = 1_000_000;
  const slice = openSlice(() => time, 25_000, new AbortController().signal);
  const work = (milliseconds: number) => {
    time += milliseconds;
    return slice.unit(Promise.resolve());
  };
  time += 30_000;
  assert.equal(slice.isOver(), false, "nothing has been done yet");
  await work(0);
  assert.equal(slice.isOver(), true);

  const other = openSlice(() => time, 25_000, new AbortController().signal);
  await other.unit(Promise.resolve());
  time -= 3_600_000;
  assert.equal(other.isOver(), false, "put back, it stands still");
  time += 24_999;
  assert.equal(other.isOver(), false);
  time += 1;
  assert.equal(other.isOver(), true, "and goes on from there");
});

Deno.test("a process that is about to end stops waiting, and lets go", async () => {
  const stopping = new AbortController();
  const slice = openSlice(() => 0, 25_000, stopping.signal);
  const coming = slice.unlessStopped(new Promise<string>(() => {}));
  stopping.abort();
  assert.equal(await coming, null);
  assert.equal(slice.isOver(), true);
});
