// Errors that people and programs can act on. They have the same four parts as an error raised in SQL.

export type Parts = { code: string; message: string; details: string | null; hint: string | null };

export type Problem = Error & Parts & {
  /** After how many seconds it may have passed by itself. Undefined if that is not to be expected. */
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

/** Makes a problem of whatever was thrown. A programming error becomes `internal`, with its text as details. */
export function asProblem(thrown: unknown): Problem {
  if (isProblem(thrown)) return thrown;
  return problem("internal", "the sync met an error of its own", {
    details: thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown),
    hint: "Look into the log of the function and report it.",
    cause: thrown,
  });
}

/** Only the four parts, as they are sent over HTTP and recorded with a run. */
export function partsOf({ code, message, details, hint }: Parts): Parts {
  return { code, message: storable(message), details: details && storable(details), hint };
}

/** Text for a person: the message first, the hint last. An error that is no problem is shown with its stack. */
export function textOf(error: unknown): string {
  if (!isProblem(error)) return error instanceof Error ? error.stack ?? error.message : String(error);
  const lines = [`${error.message} (${error.code})`, ...[error.details, error.hint].filter(Boolean)];
  return lines.join("\n").replaceAll("\n", "\n  ");
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Replaces NULs and unpaired surrogates, which Postgres cannot store. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\ufffd");
}
