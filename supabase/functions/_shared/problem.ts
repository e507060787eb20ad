// What goes wrong, as an error that people and programs can act on: the same four parts as an error raised in SQL.

/** The four parts. */
export type Parts = { code: string; message: string; details: string | null; hint: string | null };

export type Problem = Error & Parts & {
  /** It may pass by itself after so many seconds; undefined where nobody knows. */
  retrySeconds?: number;
};

type More = { details?: string | null; hint?: string | null; cause?: unknown; retrySeconds?: number };

/** An error to throw: the message says what is wrong, the hint what to do. */
export function problem(code: string, message: string, more: More = {}): Problem {
  const error = new Error(message, { cause: more.cause });
  const { details = null, hint = null, retrySeconds } = more;
  return Object.assign(error, { name: "Problem", code, details, hint, retrySeconds });
}

export function isProblem(error: unknown): error is Problem {
  return error instanceof Error && error.name === "Problem";
}

/** Whatever was thrown, as a problem; a programming error becomes `internal`, its own text the details. */
export function asProblem(thrown: unknown): Problem {
  if (isProblem(thrown)) return thrown;
  return problem("internal", "the sync met an error of its own", {
    details: thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown),
    hint: "Look into the log of the function and report it.",
    cause: thrown,
  });
}

/** The parts alone, as they travel over HTTP and into the record of a run. */
export function partsOf({ code, message, details, hint }: Parts): Parts {
  return { code, message: storable(message), details: details && storable(details), hint };
}

/** One block of text for a person: the message first, what to do last; a stack only for errors that are no problems. */
export function textOf(error: unknown): string {
  if (!isProblem(error)) return error instanceof Error ? error.stack ?? error.message : String(error);
  const lines = [`${error.message} (${error.code})`, ...[error.details, error.hint].filter(Boolean)];
  return lines.join("\n").replaceAll("\n", "\n  ");
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Text of others as Postgres can store it: without NULs and unpaired surrogates. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\ufffd");
}
