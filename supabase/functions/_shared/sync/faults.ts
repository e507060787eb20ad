// The faults of a source, with the HTTP status of each. The code of a fault begins with the name of the source: when
// a depot does not answer in time, the code is `depot_timeout`.

import { type Problem, problem } from "../problem.ts";
import type { Names } from "./names.ts";

const faults = {
  not_connected: 500,
  unauthorized: 502,
  rate_limited: 502,
  unavailable: 502,
  unreachable: 502,
  timeout: 502,
  malformed: 502,
  refused: 502,
} as const;

export type Fault = keyof typeof faults;

/** Faults that may be gone when the request is sent again. */
const temporary: Fault[] = ["rate_limited", "unavailable", "unreachable", "timeout", "malformed"];

/** Faults that every stream of the source would meet. */
const common: Fault[] = [
  "not_connected",
  "unauthorized",
  "rate_limited",
  "unavailable",
  "unreachable",
  "timeout",
];

/** Makes the error to throw, as `problem` does. */
export function faultIn(
  { name }: Names,
  fault: Fault,
  message: string,
  more?: Parameters<typeof problem>[2],
): Problem {
  return problem(`${name}_${fault}`, message, more);
}

/** The fault that a code stands for, of whatever source. Null for any other code. */
export function faultOf(code: string): Fault | null {
  return (Object.keys(faults) as Fault[]).find((fault) => code.endsWith(`_${fault}`)) ?? null;
}

export function statusOfFault(fault: Fault): number {
  return faults[fault];
}

export function isTemporary(code: string): boolean {
  const fault = faultOf(code);
  return fault !== null && temporary.includes(fault);
}

export function isCommon(fault: Fault): boolean {
  return common.includes(fault);
}
