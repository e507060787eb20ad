// Runs the work of a verb, prints its result, and sets the exit code: 0, 1 for an error or a finding, 130 after
// Ctrl-C.

import process from "node:process";
import { printProblem, say, stopOnSignals } from "./terminal.ts";

export interface Printing<Result> {
  /** The result as text for a person. */
  text: (result: Result) => string;
  /** What --json prints, if that is not the result itself. */
  value?: (result: Result) => unknown;
  /** Whether the result is a finding, so that the exit code is 1. */
  isBad?: (result: Result) => boolean;
  /** What is done after the result is printed, until Ctrl-C. */
  afterwards?: (result: Result, signal: AbortSignal) => Promise<void>;
}

const problem = 1;
const interrupted = 130;

/** With `json`, a list is printed as one object a line, and any other result as one value. */
export async function run<Result>(
  { json }: { json?: true },
  work: (signal: AbortSignal) => Promise<Result>,
  { text, value, isBad, afterwards }: Printing<Result>,
): Promise<void> {
  const signal = stopOnSignals();
  try {
    const result = await work(signal);
    await using _running = isDisposable(result) ? result : null;
    const printed = json ? asJson(value === undefined ? result : value(result)) : text(result);
    if (printed !== "") say(printed);
    process.exitCode = isBad?.(result) ? problem : 0;
    await afterwards?.(result, signal);
  } catch (error) {
    if (!signal.aborted) printProblem(error, json ?? false);
    process.exitCode = signal.aborted ? interrupted : problem;
  }
}

function asJson(result: unknown): string {
  return Array.isArray(result) ? result.map((one) => JSON.stringify(one)).join("\n") : JSON.stringify(result);
}

/** Whether the result holds something that runs until it is disposed of. */
function isDisposable(result: unknown): result is AsyncDisposable {
  return typeof result === "object" && result !== null && Symbol.asyncDispose in result;
}
