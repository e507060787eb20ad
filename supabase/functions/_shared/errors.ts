// What can go wrong in a sync, under the codes that callers see, and the HTTP status of each.

const statuses = {
  request_invalid: 400,
  state_unknown: 400,
  consent_denied: 403,
  state_used: 409,
  state_expired: 410,
  run_active: 409,
  run_lost: 409,
  run_tripped: 422,
  stream_off: 423,
  settings_invalid: 500,
  database_failed: 500,
  internal: 500,
  gazelle_not_connected: 500,
  alert_not_posted: 502,
  gazelle_unauthorized: 502,
  gazelle_rate_limited: 502,
  gazelle_unavailable: 502,
  gazelle_unreachable: 502,
  gazelle_timeout: 502,
  gazelle_malformed: 502,
  gazelle_refused: 502,
  gazelle_code_refused: 502,
} as const;

export type Code = keyof typeof statuses;

export type Description = { code: Code; message: string; details: string | null; hint: string | null };

export type Problem = Error & Description & {
  /** It may pass by itself after so many seconds; undefined where nobody knows. */
  retrySeconds?: number;
};

type More = { details?: string | null; hint?: string | null; cause?: unknown; retrySeconds?: number };

/** An error to throw: the message says what is wrong, the hint what to do. */
export function problem(code: Code, message: string, more: More = {}): Problem {
  const error = new Error(message, { cause: more.cause });
  const { details = null, hint = null, retrySeconds } = more;
  return Object.assign(error, { code, details, hint, retrySeconds });
}

/** Whatever was thrown, as a problem; a programming error becomes `internal`, its own text the details. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Error && isProblem(thrown)) return thrown;
  return problem("internal", "the sync met an error of its own", {
    details: thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown),
    hint: "Look into the log of the function and report it.",
    cause: thrown,
  });
}

/** The four fields that travel: over HTTP, and into the run's record. */
export function describe({ code, message, details, hint }: Description): Description {
  return { code, message: storable(message), details: details && storable(details), hint };
}

/** What others said, as text that Postgres can store: without NULs and unpaired surrogates. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\ufffd");
}

export function statusOf(code: Code): number {
  return statuses[code];
}

/** What befalls every stream alike. */
const common: string[] = [
  "settings_invalid",
  "database_failed",
  "gazelle_unauthorized",
  "gazelle_not_connected",
  "gazelle_rate_limited",
  "gazelle_unavailable",
  "gazelle_unreachable",
  "gazelle_timeout",
] satisfies Code[];

/** Whether the other streams need not be tried after this. */
export function befallsAll(code: string | undefined): boolean {
  return code !== undefined && common.includes(code);
}

function isProblem(error: Error): error is Problem {
  return "code" in error && typeof error.code === "string" && error.code in statuses;
}
