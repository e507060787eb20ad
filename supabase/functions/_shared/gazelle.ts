// The client of Gazelle's GraphQL API: a request is tried again where that can help, within a deadline.

import pRetry from "p-retry";
import { z } from "zod";
import { credentialsFor, type Tokens } from "./credentials.ts";
import { connectAgain } from "./token-endpoint.ts";
import { asProblem, type Code, type Problem, problem } from "./errors.ts";
import { parseJson, sender, without } from "./requests.ts";
import type { Settings } from "./settings.ts";

/** The outside world; milliseconds throughout. */
export type World = {
  fetch: typeof fetch;
  now: () => number;
  sleep: (milliseconds: number) => Promise<void>;
  random: () => number;
  tokens: Tokens;
};

export type FieldError = { message: string; path: (string | number)[] | null };

export type Answer = { data: unknown; errors: FieldError[] };

/** Asks one GraphQL document. @throws gazelle_* */
export type Ask = (document: string, variables: Record<string, unknown>) => Promise<Answer>;

const temporary: Code[] = [
  "gazelle_rate_limited",
  "gazelle_unavailable",
  "gazelle_unreachable",
  "gazelle_timeout",
  "gazelle_malformed",
];

const answer = z.object({
  data: z.unknown(),
  errors: z.array(z.object({
    message: z.string().default("no message"),
    path: z.array(z.union([z.string(), z.number()])).nullish(),
  })).nullish(),
});

/** @param deadline when everything must be over, as `world.now()` tells time */
export function connectGazelle(settings: Settings, world: World, deadline: number): Ask {
  const send = sender(world.fetch, settings.timeoutMs);
  const credentials = credentialsFor(settings.credentials, world.tokens, send);

  async function attempt(body: string): Promise<Answer> {
    let proof = await credentials.headers();
    let response = await send(settings.url, post(body, proof));
    if (response.status === 401 && await credentials.renew(proof)) {
      proof = await credentials.headers();
      response = await send(settings.url, post(body, proof));
    }
    return await readAnswer(response, settings, Object.values(proof));
  }

  return (document, variables) => {
    const body = JSON.stringify({ query: document, variables });
    return pRetry(() => attempt(body), {
      retries: settings.retries,
      minTimeout: 0,
      shouldRetry: ({ error }) => temporary.includes(asProblem(error).code),
      onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
        if (retriesLeft === 0 || !temporary.includes(asProblem(error).code)) return;
        const wait = waitBefore(attemptNumber, error, settings, world);
        if (world.now() + wait >= deadline) throw tooLate(asProblem(error), wait);
        await world.sleep(wait);
      },
    });
  };
}

function post(body: string, proof: Record<string, string>): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", ...proof },
    body,
  };
}

async function readAnswer(response: Response, settings: Settings, proof: string[]): Promise<Answer> {
  const secrets = proof.map((header) => header.replace(/^Bearer /, ""));
  const text = without(secrets, await response.text());
  if (response.status === 401) throw unauthorized(settings);
  if (response.status === 429) throw rateLimited(response);
  if (response.status >= 500) {
    throw problem("gazelle_unavailable", `Gazelle answered ${response.status}`, {
      hint: "This passes by itself as a rule: start the sync again later.",
    });
  }
  const parsed = answer.safeParse(parseJson(text));
  if (!response.ok) throw refused(response.status, parsed.success ? parsed.data.errors?.[0]?.message : null);
  if (!parsed.success) {
    throw problem("gazelle_malformed", "Gazelle's answer is not a GraphQL answer in JSON", {
      details: `It begins: ${text.slice(0, 80)}`,
      hint: "Check GAZELLE_GRAPHQL_URL. If it is right, start the sync again later.",
    });
  }
  const errors = (parsed.data.errors ?? []).map(({ message, path }) => ({ message, path: path ?? null }));
  return { data: parsed.data.data, errors };
}

/** Exponential with full jitter; Gazelle's own Retry-After where it is longer. */
function waitBefore(attempt: number, error: Error, settings: Settings, world: World): number {
  const jittered = world.random() * Math.min(settings.backoffMs * 2 ** (attempt - 1), 30_000);
  const asked = error.cause instanceof Headers ? error.cause.get("retry-after") : null;
  return Math.max(jittered, asked ? retryAfter(asked, world.now()) : 0);
}

function retryAfter(value: string, now: number): number {
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(wait) ? Math.max(wait, 0) : 0;
}

function tooLate(last: Problem, wait: number): Problem {
  const seconds = Math.ceil(wait / 1000);
  return problem(last.code, `${last.message}; no time is left to wait ${seconds} s and try again`, {
    details: last.details,
    hint: `Start the sync again in ${seconds} s or later.`,
    retrySeconds: seconds,
  });
}

function unauthorized(settings: Settings): Problem {
  return problem("gazelle_unauthorized", "Gazelle does not accept the credentials (HTTP 401)", {
    hint: settings.credentials.kind === "api_key"
      ? "Get a new key from Gazelle, set GAZELLE_API_KEY, then start the sync again."
      : connectAgain,
  });
}

function rateLimited(response: Response): Problem {
  return problem("gazelle_rate_limited", "Gazelle asks to slow down (HTTP 429)", {
    hint: "Start the sync again later, or raise GAZELLE_PAUSE_MS.",
    cause: response.headers,
  });
}

function refused(status: number, message: string | null | undefined): Problem {
  return problem("gazelle_refused", `Gazelle refused the query (HTTP ${status})`, {
    details: message ?? null,
    hint: "Check GAZELLE_GRAPHQL_URL and what the user of the credentials may see.",
  });
}
