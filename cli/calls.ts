// How the command line calls a project, by SQL or by its API.

import type { Call } from "../supabase/functions/_shared/calls.ts";
import { type Problem, problem } from "../supabase/functions/_shared/problem.ts";

/** Calls a function of schema public. Arguments that are undefined are left out. */
export type CallFunction = <T>(...call: Call) => Promise<T>;

export interface Api {
  url: string;
  call: CallFunction;
  /** Posts to an edge function. If the answer is not JSON, its body is returned as text. */
  invoke(name: string, body: string, signal: AbortSignal): Promise<Answer>;
}

export interface Answer {
  status: number;
  body: unknown;
}

/** The fields of the body, or none if it is not an object. */
export function fieldsOf({ body }: Answer): Record<string, unknown> {
  return typeof body === "object" && body !== null ? { ...body } : {};
}

/** @param lacking what the answer should have contained */
export function functionFailed(name: string, { status, body }: Answer, lacking: string): Problem {
  return problem("function_failed", `${name} answered ${status} without ${lacking}`, {
    details: typeof body === "string" ? body.slice(0, 300) : JSON.stringify(body),
    hint: "Read its log: locally .local/log/functions.log, hosted in the dashboard under Edge Functions.",
  });
}
