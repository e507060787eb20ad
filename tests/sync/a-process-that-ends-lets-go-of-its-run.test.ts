import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { lastRun, smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("a function server that is stopped over a run lets go of it: the next call goes on at once", async () => {
  // A Gazelle that never answers.
  const gazelle = createServer();
  gazelle.listen(0, "127.0.0.1");
  await once(gazelle, "listening");
  const url = `http://127.0.0.1:${(gazelle.address() as AddressInfo).port}/`;
  await using platform = await smallShop({ GAZELLE_GRAPHQL_URL: url, GAZELLE_TIMEOUT_MS: "60000" });
  const asked = once(gazelle, "request");
  const reply = sync(platform, "clients").catch(() => null);
  await asked;
  assert.equal((await lastRun(platform))?.status, "running");

  await platform.stop();
  await reply;
  const run = await lastRun(platform);
  assert.deepEqual([run?.status, run?.lease, run?.error], ["paused", null, null]);
  const [next] = await platform.sql`select sync_start_run('clients', 'test') as run`;
  assert.deepEqual([next?.run.run_id, next?.run.slices], [Number(run?.id), 2]);
  gazelle.closeAllConnections();
  gazelle.close();
});
