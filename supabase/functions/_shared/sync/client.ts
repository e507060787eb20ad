// An HTTP client for a source: it adds the credentials to each request, and sends a request again when that may help
// and the deadline allows it.

import pRetry from "p-retry";
import { asProblem, type Problem, problem } from "../problem.ts";
import { faultIn, isTemporary } from "./faults.ts";
import { type Names, prefixOf } from "./names.ts";
import { type Endpoint, type Received, sender } from "./requests.ts";
import type { Pace } from "./settings.ts";
import type { World } from "./world.ts";

export type Authorization = {
  /** The headers that carry the credentials. */
  headers(): Promise<Record<string, string>>;
  /** Replaces credentials that the source did not accept. False when there are no others to get. */
  renew(refused: Record<string, string>): Promise<boolean>;
  /** What else the source was told in confidence, and could repeat. */
  others?: string[];
  /** What a person has to do when the source accepts none. */
  hint: string;
};

/** An answer with a status below 500 other than 401 and 429. The credentials are removed from its text. */
export type Answer = { ok: boolean; status: number; text: string };

/**
 * Sends a request and returns what `read` makes of the answer.
 * @param read throws a fault of the source when the answer cannot be used; after a temporary one the request is sent
 * again
 */
export type Client = <T>(to: Endpoint, request: RequestInit, read: (answer: Answer) => T) => Promise<T>;

/** Credentials that never change, such as an API key. */
export function fixedHeaders(headers: Record<string, string>, hint: string): Authorization {
  return { headers: () => Promise.resolve(headers), renew: () => Promise.resolve(false), hint };
}

/** @param deadline after which no request is sent again, as `world.now()` tells time */
export function openClient(
  source: Names,
  pace: Pace,
  authorization: Authorization,
  world: World,
  deadline: number,
): Client {
  const send = sender(source, world.fetch, pace.timeoutMs);
  async function attempt(to: Endpoint, request: RequestInit): Promise<Answer> {
    const proof = await authorization.headers();
    let received = await sendWith(proof, to, request);
    if (received.status === 401 && await authorization.renew(proof)) {
      received = await sendWith(await authorization.headers(), to, request);
    }
    const { ok, status, text } = received;
    if (status === 401) throw unauthorized(source, authorization);
    if (status === 429) throw rateLimited(source, received);
    if (status >= 500) throw unavailable(source, received);
    return { ok, status, text };
  }
  function sendWith(proof: Record<string, string>, to: Endpoint, request: RequestInit): Promise<Received> {
    const secrets = [...Object.values(proof).map(withoutScheme), ...authorization.others ?? []];
    return send(to, signed(request, proof), secrets);
  }

  return (to, request, read) =>
    pRetry(async () => read(await attempt(to, request)), {
      retries: pace.retries,
      minTimeout: 0,
      shouldRetry: ({ error }) => isTemporary(asProblem(error).code),
      onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
        if (retriesLeft === 0 || !isTemporary(asProblem(error).code)) return;
        const wait = waitBefore(attemptNumber, error, pace, world);
        if (world.now() + wait >= deadline) throw tooLate(asProblem(error), wait);
        await world.sleep(wait);
      },
    });
}

function signed(request: RequestInit, proof: Record<string, string>): RequestInit {
  return { ...request, headers: { ...request.headers as Record<string, string>, ...proof } };
}

/** Of `Bearer abc`, the secret is `abc`. */
function withoutScheme(header: string): string {
  return header.replace(/^[A-Za-z]+ /, "");
}

/** However long a source asks us to wait: what it says may be wrong, and asking again costs one request. */
const longestWait = 15 * 60_000;

/** Exponential with full jitter, or the source's Retry-After if that is longer. */
function waitBefore(attempt: number, error: Error, pace: Pace, world: World): number {
  const jittered = world.random() * Math.min(pace.backoffMs * 2 ** (attempt - 1), 30_000);
  return Math.max(jittered, retryAfterOf(error, world.now()));
}

/** Milliseconds that the source asks to wait, in the headers of an answer that are the cause of the error; or 0. */
export function retryAfterOf({ cause }: Error, now: number): number {
  const asked = cause instanceof Headers ? cause.get("retry-after") : null;
  return asked ? retryAfter(asked, now) : 0;
}

function retryAfter(value: string, now: number): number {
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(wait) ? 0 : Math.min(Math.max(wait, 0), longestWait);
}

function tooLate(last: Problem, wait: number): Problem {
  const seconds = Math.ceil(wait / 1000);
  return problem(last.code, `${last.message}; no time is left to wait ${seconds} s and try again`, {
    details: last.details,
    hint: `Start the sync again in ${seconds} s or later.`,
    retrySeconds: seconds,
  });
}

function unauthorized(source: Names, { hint }: Authorization): Problem {
  return faultIn(source, "unauthorized", `${source.label} does not accept the credentials (HTTP 401)`, {
    hint,
  });
}

function rateLimited(source: Names, { headers }: Received): Problem {
  return faultIn(source, "rate_limited", `${source.label} asks to slow down (HTTP 429)`, {
    hint: `Start the sync again later, or raise ${prefixOf(source)}PAUSE_MS.`,
    cause: headers,
  });
}

function unavailable(source: Names, { status }: Received): Problem {
  return faultIn(source, "unavailable", `${source.label} answered ${status}`, {
    hint: "This usually passes by itself: start the sync again later.",
  });
}
