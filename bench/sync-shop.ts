// Syncs a whole shop through the edge functions, and measures what the largest call of one function takes.

import { spawn } from "node:child_process";
import process from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { startGazelleDouble } from "../gazelle-double/server.ts";
import type { Platform } from "../local/platform.ts";
import type { Clock } from "./cost.ts";
import type { BenchServer } from "./database.ts";
import { startPlatformOver } from "./platform.ts";
import { whole } from "./report.ts";
import { atMost, type Verdict } from "./sync-verdicts.ts";

/** Loads the shop of the Gazelle double, and syncs it again when nothing has changed. */
export async function* measureShop(
  server: BenchServer,
  template: string,
  clock: Clock,
): AsyncGenerator<Verdict> {
  await using stack = new AsyncDisposableStack();
  const { url } = stack.use(await server.copy(template));
  const double = await startGazelleDouble({ port: 0, scale: 1 });
  stack.defer(() => double.stop());
  const platform = await startPlatformOver(url, stack, {
    GAZELLE_GRAPHQL_URL: double.url,
    GAZELLE_TOKEN_URL: double.tokenUrl,
    GAZELLE_CLIENT_ID: double.clientId,
    GAZELLE_CLIENT_SECRET: double.clientSecret,
    GAZELLE_REFRESH_TOKEN: double.refreshToken,
    GAZELLE_ACCESS_TOKEN: double.accessToken,
    GAZELLE_PAUSE_MS: "0",
  });
  const first = await syncAll(platform, clock);
  yield seconds(`the whole shop, ${whole(first.records)} records: first load`, first.seconds, 15);
  // The second run compares each record with its row and remembers that they are equal; the third relies on that.
  await syncAll(platform, clock);
  const again = await syncAll(platform, clock);
  yield seconds("the whole shop: nothing changed", again.seconds, 5);
}

async function syncAll(platform: Platform, clock: Clock): Promise<{ seconds: number; records: number }> {
  const start = clock();
  let records = 0;
  for (;;) {
    const response = await fetch(`${platform.url}/functions/v1/sync-all`, {
      method: "POST",
      headers: { apikey: platform.cronKey },
    });
    const { reports } = await response.json() as {
      reports: { status: string; counters: { staged: number } }[];
    };
    const ended = reports.filter(({ status }) => status === "complete");
    records += ended.reduce((sum, { counters }) => sum + counters.staged, 0);
    if (response.status === 200) return { seconds: (clock() - start) / 1000, records };
    if (response.status !== 202) throw new Error(`sync-all answered ${response.status}`);
  }
}

function seconds(name: string, value: number, limit: number): Verdict {
  return atMost(limit, { name, rows: null, value, unit: "s", by: "wall" });
}

/** Makes one call of a function for more records than a call may read. */
export async function* measureCall(server: BenchServer, template: string): AsyncGenerator<Verdict> {
  await using stack = new AsyncDisposableStack();
  const { url } = stack.use(await server.copy(template));
  const platform = await startPlatformOver(url, stack);
  const child = spawn(process.execPath, [
    "run",
    "--quiet",
    "--allow-all",
    "--no-check",
    fileURLToPath(new URL("sync-call.ts", import.meta.url)),
  ], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify({ url: platform.url, key: platform.secretKey, rows: 1_000_000 }));
  const { cpu, memory, isDone } = JSON.parse(await text(child.stdout));
  const isSlice = !isDone;
  const processor = atMost(2000, {
    name: "one call: processor",
    rows: null,
    value: cpu,
    unit: "ms",
    by: "cpu",
  });
  yield { ...processor, ok: processor.ok && isSlice };
  if (memory === null) return;
  const megabytes = memory / 1024 / 1024;
  yield atMost(256, { name: "one call: memory", rows: null, value: megabytes, unit: "MB", by: "wall" });
}
