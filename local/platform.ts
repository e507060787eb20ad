import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { ApiSettings } from "./api-main.ts";
import { type Child, startChild } from "./child.ts";
import { refuseRunning } from "./cluster.ts";
import { exposedSchemas } from "./config.ts";
import { prepareFolder } from "./folder.ts";
import type { FunctionsSettings } from "./functions-main.ts";
import { functionEnvironment, type Keys, loadKeys } from "./keys.ts";
import { takeLock } from "./lock.ts";
import { claimPort } from "./ports.ts";
import { type PostgresServer, startPostgres } from "./postgres.ts";
import { setUpDatabase } from "./setup.ts";

export interface PlatformOptions {
  /** The folder of data, keys, logs and lock: by default `.local` at the root of the project. */
  folder?: string;
  /** 0 means any free port. */
  ports: { api: number; database: number };
  /** Whether to start over with an empty database. The keys stay. */
  fresh?: boolean;
  /** A database that exists already. Then no server is started. */
  databaseUrl?: string;
  /** The project's `supabase` folder: config.toml, migrations, seed.sql, functions. */
  supabase?: string;
  /** Where migrations and functions are, if not in that folder. */
  migrations?: string;
  functions?: string;
  /** The settings of the functions, such as GAZELLE_*. */
  environment?: Record<string, string>;
  /** The secrets to put into Vault, by name. By default those that the schedule needs. */
  secrets?: Record<string, string>;
  onStep?(step: Step): void;
  /** Breaks off the start, and stops what was started. */
  signal?: AbortSignal;
}

export interface Step {
  name: "database" | "migrations" | "functions" | "api";
  state: "running" | "done";
  detail: string;
}

export interface Platform {
  url: string;
  /** Contains the password of the superuser. */
  databaseUrl: string;
  publishableKey: string;
  secretKey: string;
  cronKey: string;
  folder: string;
  /** The migrations that were applied by this start. */
  applied: string[];
  /** Resolves, with what to do, when one of its processes ends although nobody stopped it. */
  ended: Promise<Error>;
  stop(): Promise<void>;
}

const root = fileURLToPath(new URL("../", import.meta.url));

/** Starts the hosted platform on this machine: database, migrations, edge functions, API. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  await using started = new AsyncDisposableStack();
  const folder = resolve(options.folder ?? `${root}.local`);
  await prepareFolder(folder);
  const port = options.ports.api || await claimPort(0, "the API", "--port");
  const url = `http://127.0.0.1:${port}`;
  // Before the port is tried: someone who starts it twice should be told that it runs, not that a port is taken.
  started.defer(await takeLock(`${folder}/lock`, url, process.pid));
  await claimPort(port, "the API", "--port");
  const keys = await loadKeys(`${folder}/keys.json`);
  const database: Context["database"] = { stop: () => Promise.resolve(), ended: new Promise(() => {}) };
  // Registered before the children, so that they are stopped before their database.
  started.defer(() => database.stop());
  const children = startChildren(folder, started);
  const context: Context = { ...options, folder, url, port, keys, database, step: stepper(options) };
  const databaseUrl = options.databaseUrl ?? await startDatabase(context);
  const applied = await migrate(context, databaseUrl);
  await serve(context, children, databaseUrl);
  const ended = Promise.race([database.ended, children.functions.ended, children.api.ended]);
  return running({ url, databaseUrl, folder, applied, keys, ended, stop: stopper(started.move()) });
}

interface Context extends PlatformOptions {
  folder: string;
  url: string;
  port: number;
  keys: Keys;
  database: Pick<PostgresServer, "stop" | "ended">;
  step: ReturnType<typeof stepper>;
}

interface Children {
  functions: Child<FunctionsSettings, { port: number }>;
  api: Child<ApiSettings, { port: number }>;
}

/** Starts both at once, so that they load their code while the database starts. */
function startChildren(folder: string, started: AsyncDisposableStack): Children {
  const script = (name: string) => new URL(`./${name}-main.ts`, import.meta.url);
  const functions: Children["functions"] = startChild(
    script("functions"),
    "Functions",
    `${folder}/log/functions.log`,
  );
  const api: Children["api"] = startChild(script("api"), "API", `${folder}/log/api.log`);
  started.defer(() => api.stop());
  // Stopped first: a function that works on a run has to pause it, for which it needs the API.
  started.defer(() => functions.stop());
  return { functions, api };
}

function stepper({ onStep, signal }: PlatformOptions) {
  return async <T>(
    name: Step["name"],
    begin: string,
    work: (detail: (text: string) => void) => Promise<T>,
  ) => {
    signal?.throwIfAborted();
    let detail = begin;
    onStep?.({ name, state: "running", detail });
    const result = await work((text) => onStep?.({ name, state: "running", detail: detail = text }));
    onStep?.({ name, state: "done", detail });
    signal?.throwIfAborted();
    return result;
  };
}

function startDatabase({ folder, ports, fresh, database, step }: Context): Promise<string> {
  return step("database", "starting Postgres", async (detail) => {
    const dataDir = `${folder}/postgres`;
    if (fresh) {
      await refuseRunning(dataDir);
      await rm(dataDir, { recursive: true, force: true });
    }
    const log = `${folder}/log/postgres.log`;
    const server = await startPostgres({ dataDir, port: ports.database, log });
    Object.assign(database, server);
    detail(`Postgres on port ${server.port}`);
    return server.url;
  });
}

function migrate(context: Context, databaseUrl: string): Promise<string[]> {
  const { url, keys, step, supabase = `${root}supabase` } = context;
  return step("migrations", "applying migrations", async (detail) => {
    const { applied, before } = await setUpDatabase({
      url: databaseUrl,
      migrations: context.migrations ?? `${supabase}/migrations`,
      seed: `${supabase}/seed.sql`,
      secrets: context.secrets ?? { project_url: url, cron_secret_key: keys.cronKey },
      onApplied: detail,
    });
    detail(applied.length > 0 ? `${applied.length} migrations applied` : `${before} migrations, none new`);
    return applied;
  });
}

async function serve(context: Context, { functions, api }: Children, databaseUrl: string): Promise<void> {
  const { url, port, keys, step, supabase = `${root}supabase`, environment = {} } = context;
  const functionsUrl = await step("functions", "starting the functions", async (detail) => {
    const directory = resolve(context.functions ?? `${supabase}/functions`);
    const platform = functionEnvironment(keys, url, databaseUrl);
    const report = await functions.configure({ directory, environment: { ...environment, ...platform } });
    detail(`functions at ${url}/functions/v1`);
    return `http://127.0.0.1:${report.port}`;
  });
  await step("api", "starting the API", async (detail) => {
    const schemas = await exposedSchemas(`${supabase}/config.toml`);
    await api.configure({ port, databaseUrl, keys, schemas, functionsUrl });
    detail(`API at ${url}`);
  });
}

function running(
  { keys, ...rest }: Omit<Platform, "publishableKey" | "secretKey" | "cronKey"> & { keys: Keys },
) {
  const { publishableKey, secretKey, cronKey } = keys;
  return { ...rest, publishableKey, secretKey, cronKey };
}

/** Stops everything in reverse order, and only once, however often it is called. */
function stopper(started: AsyncDisposableStack): () => Promise<void> {
  let stopping: Promise<void> | null = null;
  return () => stopping ??= started.disposeAsync();
}
