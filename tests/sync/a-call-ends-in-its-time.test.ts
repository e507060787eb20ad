import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { answerAll } from "../../supabase/functions/_shared/sync/answer-all.ts";
import { streams } from "../../supabase/functions/_shared/sources.ts";
import { world } from "../../supabase/functions/_shared/sync/world.ts";
import { doubleEnvironment } from "../../cli/source.ts";
import { smallShop } from "../fixtures/syncing.ts";

Deno.test("after its time a call begins no other stream, and answers 202 with what waits", async () => {
  await using platform = await smallShop();
  const client = createClient(platform.url, platform.secretKey, { auth: { persistSession: false } });
  // Each run begins ten seconds after the one before.
  let now = Date.now();
  const database = {
    rpc(name: string, args: Record<string, unknown>) {
      if (name === "sync_start_run") now += 10_000;
      return client.rpc(name, args);
    },
  };
  const answer = async () => {
    const request = new Request(`${platform.url}/functions/v1/sync-all`, { method: "POST" });
    const env = { ...doubleEnvironment(platform.double), GAZELLE_PAUSE_MS: "0" };
    const dependencies = {
      world: { ...world, now: () => now },
      database,
      env,
      startedBy: "test",
    };
    const response = await answerAll(streams, request, dependencies);
    const { status, reports, waiting } = await response.json();
    return [response.status, status, reports.map(({ stream }: { stream: string }) => stream), waiting];
  };
  // Three begin within the 25 seconds of a call.
  let left = streams.map(({ name }) => name);
  while (left.length > 3) {
    const begun = left.slice(0, 3);
    left = left.slice(3);
    assert.deepEqual(await answer(), [202, "paused", begun, left]);
  }
  assert.deepEqual(await answer(), [200, "complete", left, []]);
});
