// The credentials of requests to Gazelle: an API key, or an OAuth token, which is renewed before it expires or when
// Gazelle does not accept it.

import pRetry from "p-retry";
import { asProblem } from "../../problem.ts";
import { type Authorization, retryAfterOf } from "../../sync/client.ts";
import { persist } from "../../sync/database.ts";
import type { Send } from "../../sync/requests.ts";
import type { World } from "../../sync/world.ts";
import type { ApiKey, OAuth } from "../settings.ts";
import { connectAgain, renewToken } from "./token-endpoint.ts";
import { type Grant, notConnected, type TokenStore } from "./token-store.ts";

/** The token of one call. It is never logged, nor written to a table. Without a store it is only kept in memory. */
export type Tokens = { access?: string; refresh?: string; renewing?: Promise<string>; store?: TokenStore };

export function credentialsFor(
  settings: ApiKey | OAuth,
  tokens: Tokens,
  send: Send,
  world: World,
): Authorization {
  return settings.kind === "api_key" ? apiKey(settings, tokens) : oauth(settings, tokens, send, world);
}

function apiKey(settings: ApiKey, tokens: Tokens): Authorization {
  let noted: Promise<void> | undefined;
  return {
    async headers() {
      await (noted ??= tokens.store?.useApiKey());
      return { "x-gazelle-api-key": settings.key };
    },
    renew: () => Promise.resolve(false),
    hint: "Get a new key from Gazelle, set GAZELLE_API_KEY, then start the sync again.",
  };
}

function oauth(settings: OAuth, tokens: Tokens, send: Send, world: World): Authorization {
  const store = tokens.store ?? inMemory(tokens);
  const obtainOnce = (refused: string | null) => {
    tokens.renewing ??= obtain(settings, store, send, world, refused).finally(() => delete tokens.renewing);
    return tokens.renewing;
  };
  return {
    async headers() {
      tokens.access ??= await obtainOnce(null);
      return bearer(tokens.access);
    },
    async renew(refused) {
      // Another request may have renewed it in the meantime.
      const isRefused = tokens.access && bearer(tokens.access).authorization === refused.authorization;
      if (isRefused) tokens.access = await obtainOnce(tokens.access ?? null);
      return true;
    },
    others: [settings.clientSecret, settings.refreshToken, settings.accessToken].filter((one) =>
      one !== null
    ),
    hint: connectAgain,
  };
}

function inMemory(tokens: Tokens): TokenStore {
  return {
    claim({ refreshToken, accessToken }, refused) {
      const access = tokens.access ?? accessToken;
      if (access !== null && access !== refused) return Promise.resolve({ access });
      const refresh = tokens.refresh ?? refreshToken;
      return refresh ? Promise.resolve({ refresh, lease: "", access: null }) : Promise.reject(notConnected());
    },
    put(_lease, outcome) {
      if ("access" in outcome) tokens.refresh = outcome.refresh ?? tokens.refresh;
      return Promise.resolve();
    },
    useApiKey: () => Promise.resolve(),
  };
}

async function obtain(
  settings: OAuth,
  store: TokenStore,
  send: Send,
  world: World,
  refused: string | null,
): Promise<string> {
  const claim = await store.claim(settings, refused);
  if (!("refresh" in claim)) return claim.access;
  const outcome = await renewPatiently(settings, claim.refresh, send, world).catch(asProblem);
  await persist(() => store.put(claim.lease, outcome), world.sleep);
  if ("access" in outcome) return outcome.access;
  // The old token is still good for a while. The failure is recorded, and raises an alert.
  if (claim.access !== null) return claim.access;
  throw outcome;
}

/** Faults of the token endpoint that pass; after them the refresh token is as good as before. */
const passing = ["gazelle_rate_limited", "gazelle_unavailable", "gazelle_unreachable"];

/** Three tries, which must fit the minute of the lease together. */
function renewPatiently(settings: OAuth, refresh: string, send: Send, world: World): Promise<Grant> {
  const passes = (error: Error) => passing.includes(asProblem(error).code);
  return pRetry(() => renewToken(settings, refresh, send), {
    retries: 2,
    minTimeout: 0,
    shouldRetry: ({ error }) => passes(error),
    onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
      const wait = Math.max(attemptNumber * 500, retryAfterOf(error, world.now()));
      if (retriesLeft > 0 && passes(error)) await world.sleep(Math.min(wait, 10_000));
    },
  });
}

function bearer(token: string) {
  return { authorization: `Bearer ${token}` };
}
