// What the tests of the functions share: calling a sync over HTTP, and reading what it left behind.

import type { TestDatabase } from "../fixtures/database.ts";
import { type TestPlatform, testPlatform } from "../fixtures/platform.ts";

/** Settings under which faults are over quickly. */
const swift = {
  GAZELLE_PAUSE_MS: "0",
  GAZELLE_TIMEOUT_MS: "1000",
  GAZELLE_RETRIES: "2",
  GAZELLE_BACKOFF_MS: "1",
};

export type Plan = {
  insert: number;
  update: number;
  missing: number;
  lacking: number;
  unchanged: number;
  columns: Record<string, Record<"filled" | "replaced" | "blanked" | "kept" | "standing", number>>;
  samples: { effect: string; column: string | null; external_id: string; stands: unknown; sent: unknown }[];
};

export type Reply = {
  status: number;
  body: {
    run_id: number;
    status: string;
    slices: number;
    counters: Record<string, number>;
    plan?: Plan;
    milliseconds: Record<string, number>;
    error: { code: string; message: string; details: string | null; hint: string } | null;
  };
};

/** A fifth of a shop in pages of fifty, unless told otherwise. */
export function smallShop(
  environment: Record<string, string> = {},
  scale = 0.2,
  database?: TestDatabase,
): Promise<TestPlatform> {
  return testPlatform({
    scale,
    database,
    environment: { ...swift, GAZELLE_PAGE_SIZE: "50", ...environment },
  });
}

/** Calls a sync as cron does. */
export async function sync(
  platform: TestPlatform,
  stream: string,
  request: RequestInit = {},
): Promise<Reply> {
  const response = await fetch(`${platform.url}/functions/v1/sync-${stream}`, {
    method: "POST",
    headers: { apikey: platform.cronKey },
    ...request,
  });
  return { status: response.status, body: await response.json() };
}

/** Which version of each row stands there: the same answer twice means that no row was rewritten. */
export async function versions(platform: TestPlatform, stream: string): Promise<string> {
  const [found] = await platform.sql<{ rows: string }[]>`
    select md5(string_agg(concat_ws(' ', external_id, ctid, xmin), ',' order by external_id)) as rows
    from ${platform.sql(tableOf(stream))}`;
  return found?.rows ?? "";
}

export function tableOf(stream: string): string {
  return stream === "timeline" ? "gazelle_timeline_entries" : `gazelle_${stream}`;
}

export async function lastRun(platform: TestPlatform) {
  const [run] = await platform.sql`select * from sync.runs order by id desc limit 1`;
  return run;
}

/** How many requests the double of Gazelle was sent. */
export async function countRequests({ double }: TestPlatform): Promise<number> {
  const log = await fetch(`${double.controlUrl}/log`);
  return (await log.json()).length;
}

/** Takes back every fault that is still on order. */
export async function clearFaults({ double }: TestPlatform): Promise<void> {
  await fetch(`${double.controlUrl}/faults`, { method: "DELETE" });
}
