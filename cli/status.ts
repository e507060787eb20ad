// The state of the shop, as the database tells it, and its text for a person.

import { hanging } from "./table.ts";
import { oneLine } from "./terminal.ts";

export interface Status {
  state: State;
  /** When it was looked at. */
  at: string;
  /** What is not well, gravest first. */
  findings: Finding[];
  well: Finding[];
}

export type State = "well" | "degraded" | "failed" | "cannot tell" | "lost";

export interface Finding {
  /** Stays the same from one version to the next; null for what is well and is not counted. */
  code: string | null;
  /** What was looked at. */
  name: string;
  /** A notice is for people to know, and no fault. */
  state: State | "notice";
  message: string;
  /** Examples, five at most. */
  details: string[] | null;
  hint: string | null;
  expected: number | null;
  found: number | null;
}

export function isWrong(state: Finding["state"]): boolean {
  return state !== "well" && state !== "notice";
}

/** What the first line of each surface says. */
export function headline({ state, findings }: Status): string {
  const wrong = findings.filter((finding) => isWrong(finding.state)).length;
  return state === "well"
    ? "The shop is well."
    : `The shop: ${state} (${wrong} finding${wrong === 1 ? "" : "s"})`;
}

export function findingLines(finding: Finding): string[] {
  const { hint } = finding;
  return [...hanging(lineOf(finding)), ...(hint ? hanging(`  ${oneLine(hint)}`) : [])];
}

function lineOf({ name, state, message }: Finding): string {
  const sign = isWrong(state) ? "✖" : "?";
  return oneLine(`${sign} ${name}: ${state === "notice" ? "" : `${state}: `}${message}`);
}

/** One line for each finding that came or changed since the last look, and for each that is over. */
export function changes(before: Status | null, now: Status): string[] {
  const known = new Map(before?.findings.map((finding) => [keyOf(finding), finding]));
  const here = new Set(now.findings.map(keyOf));
  return [
    ...now.findings.filter((one) => known.get(keyOf(one))?.state !== one.state).map(lineOf),
    ...[...known].filter(([key]) => !here.has(key)).map(([, { name, message }]) =>
      `ok ${name}: over: ${message}`
    ),
  ];
}

const keyOf = ({ code, name }: Finding) => `${code} ${name}`;
