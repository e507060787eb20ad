// How the command line calls a project, whichever way it is reached.

export type Arguments = Record<string, string | number | boolean | string[] | null | undefined>;

/** Calls a function of schema public; what is undefined is left out. */
export type Call = <T>(name: string, args?: Arguments) => Promise<T>;

export interface Api {
  url: string;
  call: Call;
  /** Posts to an edge function; a body that is no JSON comes as text. */
  invoke(name: string, body: string, signal: AbortSignal): Promise<Answer>;
}

export interface Answer {
  status: number;
  body: unknown;
}
