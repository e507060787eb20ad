// What a request to Gazelle proves itself with: an API key, or an OAuth token, renewed ahead of its end or when refused.

import { z } from "zod";
import { type Problem, problem } from "./errors.ts";
import type { ApiKey, OAuth } from "./settings.ts";
import type { Grant, TokenStore } from "./token-store.ts";

/** What one call knows of the token. Never logged, never in a table; without a store it lives in memory alone. */
export type Tokens = { access?: string; refresh?: string; renewing?: Promise<string>; store?: TokenStore };

export type Credentials = {
  headers(): Promise<Record<string, string>>;
  /** Gets a new token in place of the refused one; false where there is none to get. */
  renew(refused: Record<string, string>): Promise<boolean>;
};

/** How a request ends that no answer came to, as a problem. */
export type Send = (url: string, request: RequestInit) => Promise<Response>;

const granted = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).nullish(),
  expires_in: z.int().positive().nullish(),
});

const hint =
  "Authorise the application at Gazelle again and set GAZELLE_REFRESH_TOKEN to the new refresh token.";

export function credentialsFor(settings: ApiKey | OAuth, tokens: Tokens, send: Send): Credentials {
  return settings.kind === "api_key" ? apiKey(settings) : oauth(settings, tokens, send);
}

function apiKey(settings: ApiKey): Credentials {
  return {
    headers: () => Promise.resolve({ "x-gazelle-api-key": settings.key }),
    renew: () => Promise.resolve(false),
  };
}

function oauth(settings: OAuth, tokens: Tokens, send: Send): Credentials {
  const store = tokens.store ?? inMemory(tokens);
  const obtainOnce = (refused: string | null) => {
    tokens.renewing ??= obtain(settings, store, send, refused).finally(() => delete tokens.renewing);
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
  };
}

function inMemory(tokens: Tokens): TokenStore {
  return {
    claim({ refreshToken, accessToken }, refused) {
      const access = tokens.access ?? accessToken;
      const serves = access !== null && access !== refused;
      return Promise.resolve(serves ? { access } : { refresh: tokens.refresh ?? refreshToken, lease: "" });
    },
    put(_lease, grant) {
      tokens.refresh = grant?.refresh ?? tokens.refresh;
      return Promise.resolve();
    },
  };
}

async function obtain(
  settings: OAuth,
  store: TokenStore,
  send: Send,
  refused: string | null,
): Promise<string> {
  const claim = await store.claim(settings, refused);
  if ("access" in claim) return claim.access;
  let grant: Grant | null = null;
  try {
    grant = await requestToken(settings, claim.refresh, send);
    return grant.access;
  } finally {
    await store.put(claim.lease, grant);
  }
}

async function requestToken(settings: OAuth, refreshToken: string, send: Send): Promise<Grant> {
  const response = await send(settings.tokenUrl, {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams({
      grant_type: "refresh_token",
      client_id: settings.clientId,
      client_secret: settings.clientSecret,
      refresh_token: refreshToken,
    }),
  });
  const text = await response.text();
  if (!response.ok) throw refused(response.status, text);

  const read = granted.safeParse(parse(text));
  if (!read.success) {
    throw problem("gazelle_malformed", "Gazelle's token endpoint answered without a token", { hint });
  }
  // An answer may lack a new refresh token: the old one stays good.
  const { access_token, refresh_token, expires_in } = read.data;
  return { access: access_token, refresh: refresh_token ?? null, expiresIn: expires_in ?? null };
}

function refused(status: number, text: string): Problem {
  if (status >= 500) return problem("gazelle_unavailable", `Gazelle's token endpoint answered ${status}`);
  const answer = z.object({ error: z.string(), error_description: z.string().nullish() }).safeParse(
    parse(text),
  );
  return problem("gazelle_unauthorized", `Gazelle refused to renew the access token (HTTP ${status})`, {
    details: answer.success
      ? [answer.data.error, answer.data.error_description].filter(Boolean).join(": ")
      : null,
    hint,
  });
}

function bearer(token: string) {
  return { authorization: `Bearer ${token}` };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
