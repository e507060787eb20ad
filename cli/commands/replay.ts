// `npm run replay`: repeats the incident of 2026-01-19 on unprotected copies, on the protected tables, and with our
// own sync.

import { createClient } from "@supabase/supabase-js";
import type { Command } from "commander";
import postgres from "postgres";
import { type Platform, startPlatform } from "../../local/platform.ts";
import { countStanding, editByHand, type ManualValue, type Standing } from "../manual-values.ts";
import { asTheOldScriptSaw, type Row, upsertEach, withoutTheFieldsItForgot } from "../old-script.ts";
import { dataFolder, json } from "../options.ts";
import { setBadges, tagInstitutions } from "../people.ts";
import { run } from "../run.ts";
import { openSource, type Source } from "../source.ts";
import { runSteps, type Steps } from "../steps.ts";
import { callSync, cronOf } from "../sync.ts";
import { table } from "../table.ts";

export function define(command: Command): void {
  command
    .description("replay the incident of 2026-01-19 against unprotected and protected tables")
    .addOption(dataFolder(".local/replay"))
    .addOption(json("one JSON value: how many manual values of each kind stood before and after each replay"))
    .action((options: ReplayOptions) => run(options, (signal) => replay(options, signal), { text, isBad }));
}

export interface ReplayOptions {
  /** The folder of data, keys and logs. Its database is emptied. */
  data: string;
  json?: true;
}

export interface Replayed extends AsyncDisposable {
  before: Standing;
  /** After the old script on unprotected copies, after the same on the protected tables, and after our own sync. */
  unprotected: Standing;
  protected: Standing;
  synced: Standing;
}

interface Context {
  options: ReplayOptions;
  source: Source;
  signal: AbortSignal;
  stack: AsyncDisposableStack;
  platform?: Platform;
  sql?: postgres.Sql;
  /** What the old script sends: the records as they came from Gazelle, before anybody edited them. */
  upstream: { clients: Row[]; pianos: Row[] };
  values: ManualValue[];
  outcomes: Partial<Record<"before" | "unprotected" | "protected" | "synced", Standing>>;
}

const tables = { clients: "gazelle_clients", pianos: "gazelle_pianos" };
const copies = { clients: "unprotected_clients", pianos: "unprotected_pianos" };

/** Runs the three replays on an empty database. */
export async function replay(options: ReplayOptions, signal: AbortSignal): Promise<Replayed> {
  await using stack = new AsyncDisposableStack();
  const source = stack.use(await openSource({}, 0));
  const context: Context = {
    options,
    source,
    signal,
    stack,
    upstream: { clients: [], pianos: [] },
    values: [],
    outcomes: {},
  };
  await runSteps(steps, context, options.json);
  const { before, unprotected, protected: kept, synced } = context.outcomes as Record<string, Standing>;
  const owned = stack.move();
  return {
    before: before!,
    unprotected: unprotected!,
    protected: kept!,
    synced: synced!,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const steps: Steps<Context> = [
  { title: "An empty database, and a first sync", task: firstSync },
  { title: "People tag institutions and edit by SQL, service notes give badges", task: editShop },
  {
    title: "The old script, on unprotected copies",
    task: (context, { title }) => oldScript(context, "unprotected", copies, title),
  },
  {
    title: "The old script, on the protected tables",
    task: (context, { title }) => oldScript(context, "protected", tables, title),
  },
  { title: "Our own sync, on the protected tables", task: ownSync },
];

async function firstSync(context: Context): Promise<void> {
  await open(context, true);
  await syncBoth(context);
  const { sql } = opened(context);
  context.upstream = {
    clients: await sql`select * from public.gazelle_clients order by external_id`,
    pianos: await sql`select * from public.gazelle_pianos order by external_id`,
  };
}

async function editShop(context: Context): Promise<void> {
  const { sql } = opened(context);
  await tagInstitutions(sql);
  await setBadges(sql, context.source.double!.shop);
  await editByHand(sql);
  context.values = await sql<ManualValue[]>`
    select tbl::text, col, key, element, value from ownership.claims where not removed order by tbl, key, col, element`;
  await copyTables(sql);
  context.outcomes.before = await countStanding(sql, context.values, tables);
  // The API reads the list of tables when it starts, so it is restarted for the copies.
  await close(context);
  await open(context, false);
}

/** Copies the tables as they were that day: the same columns and rows, without protection. */
async function copyTables(sql: postgres.Sql): Promise<void> {
  for (const [kind, copy] of Object.entries(copies)) {
    const table = tables[kind as keyof typeof tables];
    await sql`create table ${sql(copy)} (like ${sql(table)} including all)`;
    await sql`insert into ${sql(copy)} select * from ${sql(table)}`;
    await sql`grant select, insert, update on ${sql(copy)} to service_role`;
  }
}

async function oldScript(
  context: Context,
  outcome: "unprotected" | "protected",
  target: typeof tables,
  show: (title: string) => void,
): Promise<void> {
  const { platform, sql } = opened(context);
  const api = createClient(platform.url, platform.secretKey, { auth: { persistSession: false } });
  const title = outcome === "protected"
    ? "The old script, on the protected tables"
    : "The old script, on unprotected copies";
  const total = context.upstream.clients.length + context.upstream.pianos.length;
  let sent = 0;
  const progress = () => ++sent % 25 === 0 && show(`${title}: ${sent} of ${total} requests`);
  await upsertEach(
    api,
    target.clients,
    context.upstream.clients.map(asTheOldScriptSaw),
    context.signal,
    progress,
  );
  await upsertEach(
    api,
    target.pianos,
    context.upstream.pianos.map(withoutTheFieldsItForgot),
    context.signal,
    progress,
  );
  show(`${title}: ${total} requests`);
  context.outcomes[outcome] = await countStanding(sql, context.values, target);
}

async function ownSync(context: Context): Promise<void> {
  await syncBoth(context);
  context.outcomes.synced = await countStanding(opened(context).sql, context.values, tables);
}

async function syncBoth(context: Context): Promise<void> {
  const api = cronOf(opened(context).platform);
  for (const stream of ["clients", "pianos"]) {
    const { status, error } = await callSync(api, stream, context.signal);
    if (status !== "complete") {
      throw new Error(`The sync of ${stream} ended ${status}: ${error?.message ?? "no error given"}`);
    }
  }
}

async function open(context: Context, fresh: boolean): Promise<void> {
  const { options, source, signal, stack } = context;
  const platform = await startPlatform({
    folder: options.data,
    ports: { api: 0, database: 0 },
    fresh,
    environment: source.environment,
    signal,
  });
  stack.defer(() => platform.stop());
  const sql = postgres(platform.databaseUrl, { max: 2, onnotice: () => {} });
  stack.defer(() => sql.end({ timeout: 1 }));
  Object.assign(context, { platform, sql });
}

async function close(context: Context): Promise<void> {
  const { platform, sql } = opened(context);
  await sql.end({ timeout: 1 });
  await platform.stop();
}

function opened({ platform, sql }: Context): { platform: Platform; sql: postgres.Sql } {
  if (platform === undefined || sql === undefined) throw new Error("The platform is not up.");
  return { platform, sql };
}

/** The three outcomes side by side. */
export function text(replayed: Replayed): string {
  const { before, unprotected, protected: kept, synced } = replayed;
  const rows = Object.keys(before.kinds).map((kind) => [
    kind,
    ...[before, unprotected, kept, synced].map((outcome) => outcome.kinds[kind] ?? 0),
  ]);
  const head = [
    "Manual values",
    "Before",
    "Old script, unprotected",
    "Old script, protected",
    "Our sync, protected",
  ];
  return `\n${table(head, rows)}\nkept ${keptOf(replayed)} of ${before.values} manual values`;
}

/** Whether a protected value was lost. */
export function isBad(replayed: Replayed): boolean {
  return keptOf(replayed) < replayed.before.values;
}

const keptOf = ({ protected: kept, synced }: Replayed) => Math.min(kept.values, synced.values);
