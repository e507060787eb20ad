// How the command line calls a project, whichever way it is reached.

import type { Call } from "../supabase/functions/_shared/calls.ts";

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
