// The contenders of `bench -- sync`: our sync, and other ways to write records. All of them read the same pages with the
// same record schema.

import { access } from "node:fs/promises";
import { createRequire } from "node:module";
import type * as stripeSync from "@supabase/stripe-sync-engine";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type postgres from "postgres";
import type { Platform } from "../local/platform.ts";
import { clients } from "../supabase/functions/_shared/gazelle/clients.ts";
import type { Page } from "../supabase/functions/_shared/sync/page.ts";
import { readRecords, type StagedRecord } from "../supabase/functions/_shared/sync/records.ts";
import { runStream } from "../supabase/functions/_shared/sync/stream.ts";
import { world } from "../supabase/functions/_shared/sync/world.ts";
import { pageAfter, type Version } from "./sync-records.ts";

export interface Contender {
  name: string;
  table: string;
  /** The most records that it is given. A slow contender shows its speed with few. */
  most: number;
  /** Reads `total` clients, each in the version that `versionOf` tells, and writes them to `table`. */
  write(total: number, versionOf: (index: number) => Version): Promise<void>;
}

export const ours = "étiquette";
/** The fastest practical way to write without comparing and guarding anything. */
export const plain = "plain upsert";
export const script = "one REST upsert a row";
export const stripe = "stripe-sync-engine";

export interface Contenders extends AsyncDisposable {
  all: Contender[];
}

export function contenders(platform: Platform, sql: postgres.Sql): Contenders {
  const api = createClient(platform.url, platform.secretKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const engine = stripeEngine(platform.databaseUrl);
  return {
    all: [
      { name: ours, table: "gazelle_clients", most: Infinity, write: syncWith(api, sql) },
      {
        name: plain,
        table: "bench_plain",
        most: Infinity,
        write: inBatches(async (records) => check(await api.rpc("bench_upsert", { records }))),
      },
      {
        name: "supabase-js bulk upsert",
        table: "bench_bulk",
        most: 2_000,
        write: inBatches(async (records) =>
          check(await api.from("bench_bulk").upsert(records, { onConflict: "external_id" }))
        ),
      },
      {
        name: stripe,
        table: "bench.stripe",
        most: 2_000,
        write: inBatches((records) =>
          engine.upsertMany(records.map(withId), "stripe", { properties: stripeColumns })
        ),
      },
      {
        name: script,
        table: "bench_script",
        most: 200,
        write: inBatches(async (records) => {
          for (const record of records) {
            check(await api.from("bench_script").upsert(record, { onConflict: "external_id" }));
          }
        }),
      },
    ],
    [Symbol.asyncDispose]: () => engine.close(),
  };
}

function syncWith(api: SupabaseClient, sql: postgres.Sql): Contender["write"] {
  const allowed = allowances(sql);
  return async (total, versionOf) => {
    const allow = await allowed;
    let isDone = false;
    while (!isDone) isDone = await callOnce(api, total, versionOf, allow);
  };
}

/** Makes one call of the function, which works on the run for as long as a call may. @returns whether the run is complete */
export async function callOnce(
  api: SupabaseClient,
  total: number,
  versionOf: (index: number) => Version,
  allow: string[] = [],
): Promise<boolean> {
  const readPage = (after: string | null) => arrival(after, total, versionOf);
  const open = () => ({ readPage, pause: () => Promise.resolve() });
  const { report, problem } = await runStream({ ...clients, open }, {
    database: api,
    world: { ...world, now: () => performance.now() },
    env: {},
    startedBy: "bench",
    options: { dryRun: false, allow },
    stopping: new AbortController().signal,
  });
  if (report.status !== "complete" && report.status !== "paused") {
    throw new Error(problem?.message ?? `the run is ${report.status}`);
  }
  return report.status === "complete";
}

/** Permits for the breaker, which would else stop the scenarios that change or blank every record. */
async function allowances(sql: postgres.Sql): Promise<string[]> {
  const columns = await sql`select name from sync.columns_of('public.gazelle_clients')`;
  return columns.flatMap(({ name }) => [`blank:${name}`, `replace:${name}`]);
}

/** Records of one call: as many as our sync sends. */
const batchSize = 2000;

function inBatches(send: (records: StagedRecord[]) => Promise<unknown>): Contender["write"] {
  return async (total, versionOf) => {
    let cursor: string | null = null;
    const batch: StagedRecord[] = [];
    for (;;) {
      const page = await arrival(cursor, total, versionOf);
      const read = readRecords(clients, page.nodes, page.errors);
      batch.push(...read.records);
      if (batch.length >= batchSize || page.isLast) await send(batch.splice(0));
      if (page.isLast) return;
      cursor = page.endCursor;
    }
  };
}

/**
 * A page that arrives as if over a network: other work goes on while it is waited for. Access to a file serves as the
 * wait. Yielding to the event loop would not be enough, because Deno looks at its sockets only when it has to wait.
 */
async function arrival(
  cursor: string | null,
  total: number,
  versionOf: (index: number) => Version,
): Promise<Page> {
  await access(import.meta.dirname!);
  return pageAfter(cursor, total, versionOf);
}

function check({ error }: { error: { message: string } | null }): void {
  if (error) throw new Error(error.message);
}

/** stripe-sync-engine requires a key with the name `id`. */
function withId({ external_id, ...columns }: StagedRecord): Record<string, unknown> {
  return { id: external_id, ...columns };
}

const stripeColumns = ["id", ...Object.keys(clients.columns)];

function stripeEngine(databaseUrl: string): stripeSync.StripeSync["postgresClient"] {
  // The package's ES module reads `__dirname`, which ES modules do not have; its CommonJS build works.
  const { StripeSync }: typeof stripeSync = createRequire(import.meta.url)("@supabase/stripe-sync-engine");
  return new StripeSync({
    schema: "bench",
    stripeSecretKey: "sk_test_nobody",
    stripeWebhookSecret: "whsec_nobody",
    poolConfig: { connectionString: databaseUrl, max: 5 },
  }).postgresClient;
}
