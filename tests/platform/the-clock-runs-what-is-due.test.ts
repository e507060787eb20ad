import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { createScheduler } from "../../local/scheduler.ts";
import { testDatabase } from "../fixtures/database.ts";

Deno.test("each minute of the clock runs what is due in it, and what is queued is sent at once", async () => {
  await using database = await testDatabase();
  const { sql } = database;
  const server = createServer((_, response) => response.end("thank you"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const nextPath = async () => {
    const [request] = await once(server, "request") as [IncomingMessage];
    return request.url;
  };

  const clock = handClock("2026-11-23T09:04:40Z");
  const scheduler = createScheduler(database.url, clock);
  const queued = nextPath();
  await sql`select net.http_post(${url + "/queued-before"})`;
  await scheduler.start();
  assert.equal(await queued, "/queued-before");
  const alone = nextPath();
  await sql`select net.http_post(${url + "/between-two-minutes"})`;
  assert.equal(await alone, "/between-two-minutes");

  await sql`select cron.schedule('even', '*/2 * * * *', ${`select net.http_post('${url}/even')`})`;
  await sql`select cron.schedule('fifth', '5 9 * * *', ${`select net.http_post('${url}/fifth')`})`;
  await sql`select cron.schedule('wrong', '* * * * *', 'select 1 / 0')`;
  const fifth = nextPath();
  assert.equal(clock.advance(), 20_000, "to the next full minute");
  assert.equal(await fifth, "/fifth");
  const sixth = nextPath();
  // The timer fires a little early, and is late the next time.
  assert.equal(clock.advance(-3), 60_000);
  assert.equal(await sixth, "/even");
  assert.equal(clock.advance(), 60_003, "a minute is not run twice");

  await scheduler[Symbol.asyncDispose]();
  assert.equal(clock.pending(), 0, "nothing is left to fire");
  const details = await sql`select command, status, return_message from cron.job_run_details order by runid`;
  assert.deepEqual(details.map(({ status, command }) => `${status} ${/even|fifth|1 . 0/.exec(command)}`), [
    "succeeded fifth",
    "failed 1 / 0",
    "succeeded even",
    "failed 1 / 0",
    "failed 1 / 0",
  ]);
  assert.equal(details[1]?.return_message, "ERROR: division by zero");
  const answers = await sql`select status_code, content, timed_out from net._http_response`;
  assert.ok(answers.length >= 2, "what is on its way at the end is not waited for");
  assert.deepEqual({ ...answers[0] }, { status_code: 200, content: "thank you", timed_out: false });
  server.closeAllConnections();
  server.close();
});

/** A clock that stands until it is put forward to what waits for it. */
function handClock(from: string) {
  let now = Date.parse(from);
  let waiting: { at: number; call: () => void } | null = null;
  return {
    now: () => now,
    after(milliseconds: number, call: () => void) {
      waiting = { at: now + milliseconds, call };
      return () => void (waiting = null);
    },
    pending: () => waiting === null ? 0 : 1,
    /** Returns how many milliseconds had been waited for. */
    advance(early = 0): number {
      const { at, call } = waiting!;
      const waited = at - now;
      now = at + early;
      call();
      return waited;
    },
  };
}
