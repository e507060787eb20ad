import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, createWriteStream, mkdirSync, openSync, writeFileSync, type WriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { problem } from "../supabase/functions/_shared/problem.ts";

/** Milliseconds after which a child that does not end is killed. */
const patience = 5_000;

/**
 * A process of the platform. It loads its code at once, starts to work when it is configured, and ends with its
 * parent.
 */
export interface Child<Settings, Report> {
  pid: number;
  /** Resolves, with what to do, when it ends although nobody stopped it. */
  ended: Promise<Error>;
  configure(settings: Settings): Promise<Report>;
  stop(): Promise<void>;
}

/** Starts a script in Deno. Its output goes to `log`. Its environment has only what it needs. */
export function startChild<Settings, Report>(
  script: URL,
  name: string,
  log: string,
): Child<Settings, Report> {
  mkdirSync(dirname(log), { recursive: true });
  writeFileSync(log, "", { mode: 0o600 });
  // Both streams append to the log, or one would overwrite the other.
  const errors = openSync(log, "a");
  const child = spawn(
    Deno.execPath(),
    ["run", "--quiet", "--allow-all", "--no-check", fileURLToPath(script)],
    {
      // Ctrl-C must not reach the child before the parent, which stops everything in order.
      detached: true,
      stdio: ["pipe", "pipe", errors],
      env: environment(),
    },
  );
  closeSync(errors);
  // Writing to a child that has ended must not end the parent: its exit is told by `ended`.
  child.stdin!.on("error", () => {});
  const report = firstLine(child, name, log);
  // configure() waits for it. If it fails earlier, that must not count as an unhandled rejection.
  report.catch(() => {});
  return {
    pid: child.pid!,
    ended: endOf(child, name, log),
    async configure(settings) {
      child.stdin!.write(JSON.stringify(settings) + "\n");
      return JSON.parse(await report) as Report;
    },
    stop: () => stop(child),
  };
}

function environment(): Record<string, string> {
  const kept = [
    "PATH",
    "HOME",
    "USER",
    "TMPDIR",
    "LANG",
    "DENO_DIR",
    "DENO_TLS_CA_STORE",
    "DENO_CERT",
    "SSL_CERT_FILE",
  ];
  const found = kept.map((name) => [name, process.env[name]]).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(found), NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", LITE_TELEMETRY: "0" };
}

/** The first line of output is the report that the child is ready. All other lines go to the log. */
function firstLine(child: ChildProcess, name: string, log: string): Promise<string> {
  const rest: WriteStream = createWriteStream(log, { flags: "a" });
  return new Promise((ready, fail) => {
    let first = true;
    createInterface({ input: child.stdout! }).on("line", (line) => {
      if (!first) return rest.write(line + "\n");
      first = false;
      ready(line);
    });
    child.once("error", fail);
    child.once("exit", async (code) => {
      rest.end();
      if (first) fail(notStarted(name, code, log, await readFile(log, "utf8").catch(() => "")));
    });
  });
}

function notStarted(name: string, code: number | null, log: string, output: string): Error {
  const lines = output.trim().split("\n").slice(0, 5).join("\n");
  return problem("child_failed", `${name} did not start (exit code ${code}).`, {
    details: lines,
    hint: `Its whole log is in ${log}.`,
  });
}

/** @param name of the process, as the subject of a sentence */
export function endOf(child: ChildProcess, name: string, log: string): Promise<Error> {
  return new Promise((resolve) =>
    child.once("exit", (code, signal) => {
      // Whoever stops it closes its input first.
      if (child.stdin?.writableEnded) return;
      resolve(problem("child_ended", `${name} ended by itself (${signal ?? `exit code ${code}`}).`, {
        details: `Its log is in ${log}.`,
        hint: "npm start starts all of it again; the data stays.",
      }));
    })
  );
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => {
    const last = setTimeout(() => child.kill("SIGKILL"), patience);
    child.once("exit", () => {
      clearTimeout(last);
      done();
    });
    child.stdin!.end();
  });
}
