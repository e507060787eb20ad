// What a request to Gazelle proves itself with: an API key, or an OAuth token that is renewed when refused.

import { z } from "zod";
import { type Problem, problem } from "./errors.ts";
import type { ApiKey, OAuth } from "./settings.ts";

/** Tokens live in the memory of the isolate: never logged, never in a table. */
export type Tokens = { access?: string; refresh?: string; renewing?: Promise<string> };

export type Credentials = {
  headers(): Promise<Record<string, string>>;
  /** Gets a new token in place of the refused one; false where there is none to get. */
  renew(refused: Record<string, string>): Promise<boolean>;
};

/** How a request ends that no answer came to, as a problem. */
export type Send = (url: string, request: RequestInit) => Promise<Response>;

const grant = z.object({ access_token: z.string().min(1), refresh_token: z.string().min(1).nullish() });

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
  const renewOnce = () => {
    tokens.renewing ??= requestToken(settings, tokens, send).finally(() => delete tokens.renewing);
    return tokens.renewing;
  };
  return {
    async headers() {
      tokens.access ??= settings.accessToken ?? await renewOnce();
      return bearer(tokens.access);
    },
    async renew(refused) {
      // Another request may have renewed it in the meantime.
      if (!tokens.access || bearer(tokens.access).authorization === refused.authorization) await renewOnce();
      return true;
    },
  };
}

async function requestToken(settings: OAuth, tokens: Tokens, send: Send): Promise<string> {
  const response = await send(settings.tokenUrl, {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams({
      grant_type: "refresh_token",
      client_id: settings.clientId,
      client_secret: settings.clientSecret,
      refresh_token: tokens.refresh ?? settings.refreshToken,
    }),
  });
  const text = await response.text();
  if (!response.ok) throw refused(response.status, text);

  const granted = grant.safeParse(parse(text));
  if (!granted.success) {
    throw problem("gazelle_malformed", "Gazelle's token endpoint answered without a token", { hint });
  }
  tokens.access = granted.data.access_token;
  // An answer may lack a new refresh token: the old one stays good.
  tokens.refresh = granted.data.refresh_token ?? tokens.refresh;
  return tokens.access;
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
