// `npm start`: starts the local platform, syncs every stream, detects badges, and prints what was done.

import process from "node:process";
import { type Command, InvalidArgumentError, Option } from "commander";
import postgres from "postgres";
import { type Platform, startPlatform } from "../../local/platform.ts";
import { createScheduler } from "../../local/scheduler.ts";
import { COMPANY } from "../../gazelle-double/company.ts";
import { type Parts, problem } from "../../supabase/functions/_shared/problem.ts";
import { streams } from "../../supabase/functions/_shared/sources.ts";
import { dataFolder, json, port } from "../options.ts";
import { badges, institutions, isSetUp, pianosToCheck, tagInstitutions } from "../people.ts";
import { type Printing, run } from "../run.ts";
import { gazelleEnvironment, openSource, type Source } from "../source.ts";
import { tellSchedule } from "../schedule-lines.ts";
import { runSteps, type Show, type Steps } from "../steps.ts";
import { asValue, describeStart, type Started } from "../started.ts";
import { isComplete, type SyncReport } from "../reports.ts";
import { callDetection, callSync, cronOf } from "../sync.ts";
import { tellState } from "../screen.ts";
import { oneLine, say, until } from "../terminal.ts";

export function define(command: Command): void {
  command
    .option("--once", "end after the first sync, with code 0 if it is complete")
    .option("--fresh", "start over with an empty database")
    .option("--badges", "show every PLS badge with its reason")
    .addOption(
      new Option("--scale <factor>", "size of the double's shop, 1 for that of a real one")
        .default(1).env("ETIQUETTE_SCALE").argParser(parseScale),
    )
    .addOption(port("--port <number>", "of the API", 54321, "ETIQUETTE_PORT"))
    .addOption(port("--db-port <number>", "of Postgres", 54322, "ETIQUETTE_DB_PORT"))
    .addOption(port("--double-port <number>", "of the double of Gazelle", 54329, "ETIQUETTE_DOUBLE_PORT"))
    .addOption(dataFolder())
    .addOption(json("one JSON value: addresses, reports, institutions and badges, once all is up"))
    .action((options: StartOptions) => run(options, (signal) => start(options, signal), printing(options)));
}

function parseScale(text: string): number {
  const value = Number(text);
  if (value >= 0.2 && value <= 100) return value;
  throw new InvalidArgumentError("It must be a number from 0.2 to 100.");
}

export interface StartOptions {
  once?: boolean;
  fresh?: boolean;
  /** Show all badges instead of a few. */
  badges?: boolean;
  /** The size of the double's shop; 1 is that of a real one. */
  scale: number;
  port: number;
  dbPort: number;
  doublePort: number;
  /** Folder of data, keys and logs. */
  data: string;
  json?: true;
}

/** Starts everything, syncs it, and sets it up like a shop. Disposing of the result stops everything. */
export async function start(options: StartOptions, signal: AbortSignal): Promise<Started> {
  await using stack = new AsyncDisposableStack();
  const from = Date.now();
  const source = stack.use(await openSource(await gazelleEnvironment(), options.doublePort, options.scale));
  const context: Context = { options, source, signal, stack, reports: [] };
  await runSteps(steps(context), context, options.json);
  if (context.refused !== undefined) throw context.refused;
  const { platform, sql } = opened(context);
  if (!options.once) await runOnSchedule(context);
  const owned = stack.move();
  return {
    once: options.once ?? false,
    platform,
    source,
    reports: context.reports,
    institutions: await institutions(sql, "gazelle_clients", "gazelle_pianos"),
    badges: await badges(sql),
    toCheck: await pianosToCheck(sql),
    showsAllBadges: options.badges ?? false,
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
  /** Why no stream can be synced into this database. */
  refused?: Error;
  platform?: Platform;
  sql?: postgres.Sql;
}

function opened({ platform, sql }: Context): { platform: Platform; sql: postgres.Sql } {
  if (platform === undefined || sql === undefined) throw new Error("The platform is not up.");
  return { platform, sql };
}

function steps({ source }: Context): Steps<Context> {
  const shop: Steps<Context> = [{ title: "People tag the institutions", task: setUpShop }];
  const all: Steps<Context> = [
    { title: "Local platform", task: (context, { output }) => bringUp(context, output) },
    ...streams.map(({ name }) => ({
      title: `Sync ${name} from ${source.name}`,
      task: (context: Context, { title }: Show) => sync(context, name, title),
      // The others have their run all the same.
      exitOnError: false,
    })),
    ...(source.double === null ? [] : shop),
    { title: detecting, task: (context, { title }) => detect(context, title) },
  ];
  return all.map((step) => ({ ...step, skip: ({ refused }) => refused !== undefined }));
}

async function bringUp(context: Context, show: (text: string) => void): Promise<void> {
  const { options, source, signal, stack } = context;
  const platform = await startPlatform({
    folder: options.data,
    ports: { api: options.port, database: options.dbPort },
    fresh: options.fresh,
    environment: source.environment,
    // A terminal shows each step while it runs, a log only when it is done.
    onStep: ({ state, detail }) => (state === "done" || process.stdout.isTTY) && show(detail),
    signal,
  });
  stack.defer(() => platform.stop());
  const sql = postgres(platform.databaseUrl, { max: 2, onnotice: () => {} });
  stack.defer(() => sql.end({ timeout: 1 }));
  // The double forgets its tokens when it ends, so the database must take those in its settings again.
  if (source.double !== null) await sql`update gazelle.token set configured = null`;
  Object.assign(context, { platform, sql });
}

async function sync(context: Context, stream: string, show: (title: string) => void): Promise<void> {
  const title = `Sync ${stream} from ${context.source.name}`;
  const report = await callSync(cronOf(opened(context).platform), stream, context.signal, {
    onProgress: ({ counters: { fetched, total } }) => show(`${title}: ${fetched} of ${total ?? "?"}`),
  });
  context.reports.push(report);
  if (report.error?.code === "account_changed") context.refused = accountChanged(report.error);
  show(`${title}: ${report.status}`);
  // The step is then shown as one that failed.
  if (!isComplete(report)) throw new Error(`${title}: ${report.status}`);
}

/** The same for every stream, so it is said once. */
function accountChanged({ code, message, details, hint }: Parts): Error {
  const demo =
    `${COMPANY.name} is the shop of the demo, which the double of Gazelle plays without credentials.`;
  const isDemo = message.includes(COMPANY.name);
  return problem(code, message, { details: isDemo ? `${demo}\n${details}` : details, hint });
}

async function setUpShop(context: Context): Promise<void> {
  const { sql } = opened(context);
  if (!await isSetUp(sql)) await tagInstitutions(sql);
}

const detecting = "Detect Piano Life Savers in service notes";

async function detect(context: Context, show: (title: string) => void): Promise<void> {
  const read = await callDetection(
    cronOf(opened(context).platform),
    context.signal,
    (left) => show(`${detecting}: ${left} left`),
  );
  show(`${detecting}: ${read} notes read`);
}

/** Runs the jobs that pg_cron runs on the platform, until everything is stopped. */
async function runOnSchedule(context: Context): Promise<void> {
  const { platform, sql } = opened(context);
  await sql`select sync.schedule()`;
  const onError = (message: string) => console.error(oneLine(`✖ schedule: ${message}`));
  const scheduler = context.stack.use(createScheduler(platform.databaseUrl, undefined, onError));
  await scheduler.start();
}

function printing({ json }: StartOptions): Printing<Started> {
  // Output for a program has the value alone.
  const tell = json ? () => {} : say;
  return {
    text: describeStart,
    value: asValue,
    isBad: ({ reports }) => !reports.every(isComplete),
    async afterwards({ once, platform }, signal) {
      if (once) return;
      tell(
        "\nCtrl-C stops it; the data stays. What changes on schedule, or fails, is told here:",
      );
      await using _lines = await tellSchedule(platform.databaseUrl, tell);
      await using _state = tellState(platform.databaseUrl, tell);
      const ended = new AbortController();
      platform.ended.then(() => ended.abort());
      await until(AbortSignal.any([signal, ended.signal]));
      if (!signal.aborted) throw await platform.ended;
      tell("\nStopped.");
    },
  };
}
