// How the command line calls a project, whichever way it is reached.

import type { Call } from "../supabase/functions/_shared/calls.ts";
import { type Problem, problem } from "../supabase/functions/_shared/problem.ts";

/** Calls a function of schema public; what is undefined is left out. */
export type CallFunction = <T>(...call: Call) => Promise<T>;

export interface Api {
  url: string;
  call: CallFunction;
  /** Posts to an edge function; a body that is no JSON comes as text. */
  invoke(name: string, body: string, signal: AbortSignal): Promise<Answer>;
}

export interface Answer {
  status: number;
  body: unknown;
}

/** The fields of an answer that is an object, none of any other. */
export function fieldsOf({ body }: Answer): Record<string, unknown> {
  return typeof body === "object" && body !== null ? { ...body } : {};
}

/** @param lacking what it should have answered with */
export function functionFailed(name: string, { status, body }: Answer, lacking: string): Problem {
  return problem("function_failed", `${name} answered ${status} without ${lacking}`, {
    details: typeof body === "string" ? body.slice(0, 300) : JSON.stringify(body),
    hint: "Read its log: locally .local/log/functions.log, hosted in the dashboard under Edge Functions.",
  });
}
