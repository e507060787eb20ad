// What every command shares of the terminal: signals, errors, tables, times.

import process from "node:process";
import Table from "cli-table3";
import { isProblem, type Problem, problem, textOf } from "../supabase/functions/_shared/problem.ts";

/** Aborted by Ctrl-C or kill, once; whoever started something stops it then. */
export function stopOnSignals(): AbortSignal {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => stop.abort());
  return stop.signal;
}

/** Says what is wrong and what to do; a stack only for errors that are ours. */
export function printProblem(error: unknown, asJson = false): void {
  if (!asJson) return console.error(`\n✖ ${textOf(error)}`);
  const { code, message, details, hint } = isProblem(error) ? error : asInternal(error);
  console.error(JSON.stringify({ error: { code, message, details, hint } }));
}

function asInternal(error: unknown): Problem {
  const hint = "Report it, with what was typed.";
  return problem("internal", "The command line met an error of its own.", { details: textOf(error), hint });
}

/** Rows under a head; numbers stand to the right. */
export function table(head: string[], rows: (string | number)[][]): string {
  const numeric = head.map((_, column) => rows.every((row) => typeof row[column] === "number"));
  const made = new Table({
    head,
    colAligns: numeric.map((is) => (is ? "right" : "left")),
    style: { head: [], border: [], compact: true },
  });
  made.push(
    ...rows.map((row) => row.map((cell) => typeof cell === "number" ? cell.toLocaleString("en-CA") : cell)),
  );
  return made.toString();
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Day and minute, in UTC. */
export function moment(time: string | null | undefined): string {
  return time ? new Date(time).toISOString().slice(0, 16).replace("T", " ") : "";
}

/** Ends when the signal does. */
export function until(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  // A timer keeps the process alive; a pending promise alone does not.
  const alive = setInterval(() => {}, 2 ** 30);
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => {
      clearInterval(alive);
      resolve();
    }, { once: true });
  });
}
