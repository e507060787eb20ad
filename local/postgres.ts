import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { prepareCluster } from "./cluster.ts";
import { endOf } from "./child.ts";
import { claimPort } from "./ports.ts";
import { findBinaries } from "./postgres-binaries.ts";
import { reachableBinaries } from "./postgres-copy.ts";
import { problem } from "../supabase/functions/_shared/problem.ts";
import { placeOf, type RunAs, runAs } from "./run-as.ts";

export interface PostgresOptions {
  /** Made on first use. The password of the superuser is in `<dataDir>.password`. */
  dataDir: string;
  /** 0 means any free port. */
  port: number;
  /** The file for the output of the server; by default `<dataDir>.log`. */
  log?: string;
  settings?: Record<string, string>;
}

export interface PostgresServer {
  /** Contains the password of the superuser. */
  url: string;
  port: number;
  /** The process that guards the server: when it ends, the server ends. */
  pid: number;
  /** Resolves, with what to do, when it ends although nobody stopped it. */
  ended: Promise<Error>;
  stop(): Promise<void>;
}

/** Settings for databases whose loss does no harm. */
export const throwaway = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };

const defaults: Record<string, string> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  shared_buffers: "64MB",
  max_connections: "60",
  timezone: "UTC",
  log_timezone: "UTC",
  log_line_prefix: "%m [%p] %q%u@%d ",
};

export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const dataDir = resolve(options.dataDir);
  const log = options.log ?? `${dataDir}.log`;
  const as = runAs();
  const binaries = await reachableBinaries(await findBinaries(), as);
  const password = await prepareCluster(dataDir, binaries, as);
  const port = await claimPort(options.port, "the database", "--db-port");
  const settings = { ...defaults, port: String(port), ...options.settings };
  const stale = await readState(dataDir);
  const child = launch(binaries.postgres, dataDir, settings, log, as);
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  const server = { url, port, pid: child.pid!, ended: endOf(child, "Postgres", log) };
  await ready(child, dataDir, log, stale);
  return { ...server, stop: () => stop(child) };
}

/**
 * Runs the server, and reads its input, which is a pipe from this process. When this process ends in whatever way,
 * `kill -9` included, the pipe closes. Then the guard tells the server to shut down at once (SIGINT).
 */
const guard = `
"$@" </dev/null &
server=$!
exec 3<&0
{ while read -r _ <&3; do :; done; kill -INT "$server"; } &
reader=$!
wait "$server"
code=$?
kill "$reader" 2>/dev/null
exit "$code"
`;

function launch(program: string, dataDir: string, settings: Record<string, string>, log: string, as: RunAs) {
  const { cwd, path } = placeOf(dataDir, as);
  // Tells whoever looks at the server, or at its command line, where the data is when `path` does not.
  const told = path === dataDir ? {} : { "local.data_directory": dataDir };
  const all = Object.entries({ ...settings, ...told });
  const flags = all.flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const [command, args] = as.command("/bin/sh", [
    "-c",
    guard,
    "postgres-guard",
    program,
    "-D",
    path,
    ...flags,
  ]);
  mkdirSync(dirname(log), { recursive: true });
  const output = openSync(log, "w", 0o600);
  // It has its own process group, so that Ctrl-C reaches only this process, which stops everything in order.
  const child = spawn(command, args, {
    detached: true,
    stdio: ["pipe", output, output],
    cwd,
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C" },
  });
  closeSync(output);
  return child;
}

const readState = (dataDir: string) => readFile(`${dataDir}/postmaster.pid`, "utf8").catch(() => "");

/**
 * The server writes its state into the eighth line of its pid file. A server that was killed has left an old file
 * there.
 */
async function ready(child: ChildProcess, dataDir: string, log: string, stale: string): Promise<void> {
  let failure: Error | null = null;
  child.once("error", (error) => failure = error);
  while (failure === null && child.exitCode === null && child.signalCode === null) {
    const state = await readState(dataDir);
    if (state !== stale && state.split("\n")[7]?.trim() === "ready") return;
    await delay(15);
  }
  const output = await readFile(log, "utf8").catch(() => "");
  throw problem("postgres_failed", "Postgres did not start.", {
    details: failure !== null ? String(failure) : output.trim().split("\n").slice(-5).join("\n"),
    hint: `Its whole log is in ${log}.`,
  });
}

const patience = 10_000;

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => {
    // No server may be left running, so one that does not shut down in time is killed. Postgres recovers at the next
    // start.
    const last = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), patience);
    child.once("exit", () => {
      clearTimeout(last);
      done();
    });
    child.stdin!.end();
  });
}
