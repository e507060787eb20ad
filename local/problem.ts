/** An error that a person can act on: the same four parts as an error raised in SQL. */
export interface Problem extends Error {
  code: string;
  details: string | null;
  hint: string | null;
}

export function problem(code: string, message: string, details: string, hint: string): Problem {
  return Object.assign(new Error(message), { name: "Problem", code, details, hint });
}

export function isProblem(error: unknown): error is Problem {
  return error instanceof Error && "code" in error && "details" in error && "hint" in error;
}

/** One block of text: the message first, what to do last. */
export function describe(error: unknown): string {
  if (!isProblem(error)) return error instanceof Error ? error.stack ?? error.message : String(error);
  const lines = [`${error.message} (${error.code})`, ...[error.details, error.hint].filter(Boolean)];
  return lines.join("\n").replaceAll("\n", "\n  ");
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
