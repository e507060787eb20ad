// Calls of the database's functions in schema public, through a Supabase client.

import pRetry from "p-retry";
import { z } from "zod";
import type { ArgumentsOf, Exactly, FunctionName } from "../calls.ts";
import { asProblem, type Problem, problem } from "../problem.ts";
import type { Code } from "./codes.ts";

type DatabaseError = { code?: string; message: string; details?: string | null; hint?: string | null };

/** The part of a Supabase client that is used. Its key must be a secret one. */
export type Database = {
  rpc(
    name: string,
    args: Record<string, unknown>,
  ): PromiseLike<{ data: unknown; error: DatabaseError | null }>;
};

/**
 * @param type of the answer
 * @param conflict the code that PT409 stands for
 * @throws request_invalid, stream_off, database_failed, or the conflict
 */
export async function call<Name extends FunctionName, Given extends ArgumentsOf<Name>, T>(
  database: Database,
  name: Name,
  args: Exactly<ArgumentsOf<Name>, Given>,
  type: z.ZodType<T>,
  conflict: Code = "run_lost",
): Promise<T> {
  const { data, error } = await database.rpc(name, args);
  if (error) throw callFailed(name, error, conflict);
  const parsed = type.safeParse(data);
  if (parsed.success) return parsed.data;
  throw problem("database_failed", `${name} answered something that this version does not know`, {
    details: z.prettifyError(parsed.error),
    hint: "Apply the migrations that belong to this version of the functions.",
  });
}

function callFailed(name: string, error: DatabaseError, conflict: Code): Problem {
  const codes: Record<string, Code> = {
    PT400: "request_invalid",
    PT409: conflict,
    PT423: "stream_off",
    SY004: "account_changed",
  };
  return problem(codes[error.code ?? ""] ?? "database_failed", error.message, {
    details: error.details || (error.code ? `SQLSTATE ${error.code} in ${name}` : `in ${name}`),
    hint: error.hint || hintFor(error.code ?? ""),
    retrySeconds: isPassing(error.code ?? "") ? 0 : undefined,
  });
}

/** By the class of the SQLSTATE. */
function hintFor(code: string): string {
  if (isPassing(code)) return "Check that the database is up, then start again.";
  // A value, a constraint, a limit, what a trigger raised.
  if (/^(2[123]|44|54|P0001)/.test(code)) {
    return "The database is up, and refuses what it was given: the message and the details say what, and by which rule.";
  }
  return "Check that the migrations of this version are applied, then start again.";
}

/** No connection, a server that shuts down or is out of resources, a deadlock: the same call may succeed later. */
function isPassing(code: string): boolean {
  return code === "" || /^(08|40|53|57)/.test(code);
}

/** Milliseconds before each further try. */
const pauses = [250, 1_000, 3_000];

/**
 * Writes what exists nowhere else, such as a token that was spent to get it: tried again while the database cannot be
 * used for a moment. A try whose answer was lost may have been done: then the next one finds the task gone.
 */
export function persist(
  work: () => Promise<void>,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<void> {
  let tries = 0;
  return pRetry(async () => {
    tries++;
    await work().catch((thrown) => {
      if (tries === 1 || asProblem(thrown).code !== "run_lost") throw thrown;
    });
  }, {
    retries: pauses.length,
    minTimeout: 0,
    shouldRetry: ({ error }) => asProblem(error).retrySeconds !== undefined,
    onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
      if (retriesLeft > 0 && asProblem(error).retrySeconds !== undefined) {
        await sleep(pauses[attemptNumber - 1]!);
      }
    },
  });
}
