// `npm start`: the local platform, a first sync of clients and pianos, and what it did.

import process from "node:process";
import postgres from "postgres";
import { type Platform, startPlatform, type Step } from "../../local/platform.ts";
import { badges, institutions, type Inventory, isSetUp, setBadges, tagInstitutions } from "../people.ts";
import { gazelleEnvironment, openSource, type Source } from "../source.ts";
import { callSync, type SyncReport } from "../sync.ts";
import { runSteps, seconds, type Steps, table, until } from "../terminal.ts";

export interface StartOptions {
  once?: boolean;
  fresh?: boolean;
  port: number;
  dbPort: number;
  doublePort: number;
  /** Folder of data, keys and logs. */
  data: string;
}

export interface Started extends AsyncDisposable {
  once: boolean;
  platform: Platform;
  source: Source;
  reports: SyncReport[];
  institutions: Inventory[];
  badges: { notes: number; gazelle: number };
  milliseconds: number;
}

const streams = ["clients", "pianos"];

/** Everything up, synced, and set up as a shop is; disposing of the result stops it all. */
export async function start(options: StartOptions, signal: AbortSignal): Promise<Started> {
  await using stack = new AsyncDisposableStack();
  const from = Date.now();
  const source = stack.use(await openSource(await gazelleEnvironment(), options.doublePort));
  const context: Context = { options, source, signal, stack, reports: [] };
  await runSteps(steps(context), context);
  const { platform, sql } = opened(context);
  const owned = stack.move();
  return {
    once: options.once ?? false,
    platform,
    source,
    reports: context.reports,
    institutions: await institutions(sql, "gazelle_clients", "gazelle_pianos"),
    badges: await badges(sql, "gazelle_pianos"),
    milliseconds: Date.now() - from,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

interface Context {
  options: StartOptions;
  source: Source;
  signal: AbortSignal;
  stack: AsyncDisposableStack;
  reports: SyncReport[];
  platform?: Platform;
  sql?: postgres.Sql;
}

function opened({ platform, sql }: Context): { platform: Platform; sql: postgres.Sql } {
  if (platform === undefined || sql === undefined) throw new Error("The platform is not up.");
  return { platform, sql };
}

function steps({ source }: Context): Steps<Context> {
  const shop: Steps<Context> = [{
    title: "People tag the institutions, service notes give badges",
    task: setUpShop,
  }];
  return [
    { title: "Local platform", task: (context, task) => bringUp(context, (text) => (task.output = text)) },
    ...streams.map((stream): Steps<Context>[number] => ({
      title: `Sync ${stream} from ${source.name}`,
      task: (context, task) => sync(context, stream, (text) => (task.title = text)),
    })),
    ...(source.double === null ? [] : shop),
  ];
}

async function bringUp(context: Context, show: (text: string) => void): Promise<void> {
  const { options, source, signal, stack } = context;
  const platform = await startPlatform({
    folder: options.data,
    ports: { api: options.port, database: options.dbPort },
    fresh: options.fresh,
    environment: source.environment,
    // A log wants outcomes, a terminal what goes on.
    onStep: ({ state, detail }: Step) => (state === "done" || process.stdout.isTTY) && show(detail),
    signal,
  });
  stack.defer(() => platform.stop());
  const sql = postgres(platform.databaseUrl, { max: 2, onnotice: () => {} });
  stack.defer(() => sql.end({ timeout: 1 }));
  Object.assign(context, { platform, sql });
}

async function sync(context: Context, stream: string, show: (title: string) => void): Promise<void> {
  const { platform, sql } = opened(context);
  const title = `Sync ${stream} from ${context.source.name}`;
  const progress = (done: number, total: number | null) => show(`${title}: ${done} of ${total ?? "?"}`);
  const report = await callSync(platform, sql, stream, progress, context.signal);
  context.reports.push(report);
  show(`${title}: ${report.status}`);
}

async function setUpShop(context: Context): Promise<void> {
  const { sql } = opened(context);
  const { double } = context.source;
  if (double === null || await isSetUp(sql)) return;
  await tagInstitutions(sql);
  await setBadges(sql, double.shop);
}

/** Prints the outcome, then stays until Ctrl-C. Exit code 0 when every sync was complete. */
export async function printStart(started: Started, signal: AbortSignal): Promise<number> {
  console.log(describeStart(started));
  const complete = started.reports.every(({ status }) => status === "complete");
  if (!started.once) {
    console.log("\nCtrl-C stops it; the data stays.");
    await until(signal);
    console.log("\nStopped.");
  }
  return complete ? 0 : 1;
}

function describeStart({ platform, source, reports, institutions, badges, milliseconds }: Started): string {
  return [
    "",
    inventories(institutions),
    `PLS badges: ${
      badges.notes + badges.gazelle
    } (${badges.notes} from the shop's notes, ${badges.gazelle} from Gazelle)`,
    "",
    syncs(reports),
    ...reports.flatMap(problems),
    `Ready after ${seconds(milliseconds)}.`,
    "",
    `  API        ${platform.url}`,
    `  Functions  ${platform.url}/functions/v1/sync-clients, /sync-pianos`,
    `  Key        ${platform.publishableKey} (secret ones: ${platform.folder}/keys.json)`,
    `  Gazelle    ${source.url}`,
    `  psql       ${platform.databaseUrl}`,
  ].join("\n");
}

function inventories(found: Inventory[]): string {
  if (found.length === 0) return "No client is tagged institutional yet.";
  const total = (key: "pianos" | "hidden" | "badges") => found.reduce((sum, one) => sum + one[key], 0);
  return table(["Institution", "Client", "Pianos", "Hidden", "PLS"], [
    ...found.map(({ name, id, pianos, hidden, badges }) => [name, id, pianos, hidden, badges]),
    [`${found.length} institutions`, "", total("pianos"), total("hidden"), total("badges")],
  ]);
}

const counters = ["inserted", "updated", "unchanged", "kept", "rejected"];

function syncs(reports: SyncReport[]): string {
  return table(
    ["Sync", "Outcome", ...counters, "Time"],
    reports.map((report) => [
      report.stream,
      report.status,
      ...counters.map((name) => report.counters[name] ?? 0),
      seconds(report.milliseconds.total ?? 0),
    ]),
  );
}

function problems({ stream, error }: SyncReport): string[] {
  if (error === null || error === undefined) return [];
  return [
    `✖ ${stream}: ${error.message} (${error.code})`,
    ...[error.details, error.hint].filter(Boolean).map((line) => `  ${line}`),
  ];
}
