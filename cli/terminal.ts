// What all verbs need of the terminal: signals, errors, tables, times.

import process from "node:process";
import Table from "cli-table3";
import { isProblem, type Problem, problem, textOf } from "../supabase/functions/_shared/problem.ts";

/** A signal that Ctrl-C and kill abort. Whoever started something has to stop it then. */
export function stopOnSignals(): AbortSignal {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => stop.abort());
  return stop.signal;
}

/** Prints what is wrong and what to do. Only errors of the command line itself are printed with a stack. */
export function printProblem(error: unknown, asJson = false): void {
  if (!asJson) return console.error(`\n✖ ${textOf(error)}`);
  const { code, message, details, hint } = isProblem(error) ? error : asInternal(error);
  console.error(JSON.stringify({ error: { code, message, details, hint } }));
}

function asInternal(error: unknown): Problem {
  const hint = "Report it, with what was typed.";
  return problem("internal", "The command line met an error of its own.", { details: textOf(error), hint });
}

/** A table with a head. Columns of numbers are aligned to the right; null is a number that nobody knows. */
export function table(head: string[], rows: (string | number | null)[][]): string {
  const numeric = head.map((_, column) => rows.every((row) => typeof row[column] !== "string"));
  const made = new Table({
    head,
    colAligns: numeric.map((is) => (is ? "right" : "left")),
    style: { head: [], border: [], compact: true },
  });
  made.push(
    ...rows.map((row) =>
      row.map((cell) => typeof cell === "number" ? cell.toLocaleString("en-CA") : cell ?? "–")
    ),
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

/** Waits until the signal is aborted. */
export function until(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  // A pending promise alone does not keep the process alive, so there is a timer.
  const alive = setInterval(() => {}, 2 ** 30);
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => {
      clearInterval(alive);
      resolve();
    }, { once: true });
  });
}
