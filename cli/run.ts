// From a verb's work to its output and exit code: 0, 1 for an error or a finding, 130 after Ctrl-C.

import process from "node:process";
import { printProblem, stopOnSignals } from "./terminal.ts";

export interface Printing<Result> {
  /** For a person. */
  text: (result: Result) => string;
  /** What --json prints, where that is not the result itself. */
  value?: (result: Result) => unknown;
  /** Whether it is something to look at: exit code 1. */
  isBad?: (result: Result) => boolean;
  /** What goes on after it is printed, until Ctrl-C. */
  afterwards?: (result: Result, signal: AbortSignal) => Promise<void>;
}

const problem = 1;
const interrupted = 130;

/** With `json` the result is printed as it is: a list as one object a line, anything else as one value. */
export async function run<Result>(
  { json }: { json?: true },
  work: (signal: AbortSignal) => Promise<Result>,
  { text, value, isBad, afterwards }: Printing<Result>,
): Promise<void> {
  const signal = stopOnSignals();
  try {
    const result = await work(signal);
    await using _held = isDisposable(result) ? result : null;
    print(json ? asJson(value === undefined ? result : value(result)) : text(result));
    process.exitCode = isBad?.(result) ? problem : 0;
    await afterwards?.(result, signal);
  } catch (error) {
    if (!signal.aborted) printProblem(error, json ?? false);
    process.exitCode = signal.aborted ? interrupted : problem;
  }
}

function print(text: string): void {
  if (text !== "") console.log(text);
}

function asJson(result: unknown): string {
  return Array.isArray(result) ? result.map((one) => JSON.stringify(one)).join("\n") : JSON.stringify(result);
}

/** What a verb leaves running while its result is printed. */
function isDisposable(result: unknown): result is AsyncDisposable {
  return typeof result === "object" && result !== null && Symbol.asyncDispose in result;
}
