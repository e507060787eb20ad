// What all verbs need of the terminal: signals, text that is safe to print, errors, times.

import process from "node:process";
import { isProblem, type Problem, problem, textOf } from "../supabase/functions/_shared/problem.ts";

/** A signal that Ctrl-C and kill abort. Whoever started something has to stop it then. */
export function stopOnSignals(): AbortSignal {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => stop.abort());
  return stop.signal;
}

/**
 * Text as a terminal may get it. What it would obey instead of showing it is shown as in JSON: \u001b for the escape that
 * colours and clears, \u202e for the mark that turns the direction round. Lines stay lines; JSON keeps its meaning.
 */
export function printable(text: string): string {
  return text.replaceAll(obeyed, (found) => found.split("").map(escape).join(""));
}

/** Also as a single line: what somebody wrote must not look like a line of ours. */
export function oneLine(text: string): string {
  return printable(text).replaceAll("\n", "\\n");
}

/** All control and format characters, separators of lines, and halves of pairs; but line breaks, and joiners in emoji. */
const obeyed = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]--[\n\u200c\u200d]]/gv;

const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Prints the result of a verb. */
export function say(text: string): void {
  console.log(printable(text));
}

/** Prints what is wrong and what to do. Only errors of the command line itself are printed with a stack. */
export function printProblem(error: unknown, asJson = false): void {
  if (!asJson) return console.error(printable(`\n✖ ${textOf(error)}`));
  const { code, message, details, hint } = isProblem(error) ? error : asInternal(error);
  console.error(printable(JSON.stringify({ error: { code, message, details, hint } })));
}

function asInternal(error: unknown): Problem {
  const hint = "Report it, with what was typed.";
  return problem("internal", "The command line met an error of its own.", { details: textOf(error), hint });
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
