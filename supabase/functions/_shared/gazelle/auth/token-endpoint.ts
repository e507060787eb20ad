// Gazelle's token endpoint: it gives tokens for a code or for a refresh token.

import { z } from "zod";
import { type Problem, problem } from "../../problem.ts";
import { faultIn } from "../../sync/faults.ts";
import { parseJson, type Received, type Send } from "../../sync/requests.ts";
import { names } from "../names.ts";
import type { Grant } from "./token-store.ts";

export type Client = { tokenUrl: string; clientId: string; clientSecret: string };

const granted = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).nullish(),
  expires_in: z.int().positive().max(2 ** 31 - 1).nullish(),
});

const refusal = z.object({ error: z.string(), error_description: z.string().nullish() });

export const connectAgain =
  "Connect to Gazelle again with etiquette connect, or set GAZELLE_REFRESH_TOKEN to a new refresh token.";

/** @throws gazelle_unauthorized if the refresh token is no longer valid; gazelle_* */
export function renewToken(client: Client, refreshToken: string, send: Send): Promise<Grant> {
  const form = { grant_type: "refresh_token", refresh_token: refreshToken };
  return requestToken(client, form, send, (text) => ({
    code: "gazelle_unauthorized",
    message: `Gazelle refused to renew the access token (${text})`,
    hint: connectAgain,
  }));
}

export type AuthorizationCode = { code: string; redirectUrl: string; verifier: string | null };

/** @throws gazelle_code_refused, gazelle_* */
export function exchangeCode(client: Client, sent: AuthorizationCode, send: Send): Promise<Grant> {
  const form = {
    grant_type: "authorization_code",
    code: sent.code,
    redirect_uri: sent.redirectUrl,
    ...(sent.verifier ? { code_verifier: sent.verifier } : {}),
  };
  return requestToken(client, form, send, (text) => ({
    code: "gazelle_code_refused",
    message: `Gazelle gave no token for the code (${text})`,
    hint:
      "Begin again. If it stays so, compare GAZELLE_CLIENT_ID, GAZELLE_CLIENT_SECRET and the redirect URL with " +
      "what Gazelle has of the application; if it refuses PKCE, set GAZELLE_PKCE to off.",
  }));
}

/** The error to throw if the endpoint refuses. Its argument is the HTTP status as text. */
type WhenRefused = (text: string) => { code: string; message: string; hint: string };

async function requestToken(
  client: Client,
  form: Record<string, string>,
  send: Send,
  whenRefused: WhenRefused,
): Promise<Grant> {
  const { tokenUrl, clientId, clientSecret } = client;
  const body = new URLSearchParams({ ...form, client_id: clientId, client_secret: clientSecret });
  const secrets = [clientSecret, form.code, form.code_verifier, form.refresh_token];
  const received = await send(
    { url: tokenUrl, setting: "GAZELLE_TOKEN_URL" },
    { method: "POST", headers: { accept: "application/json" }, body },
    secrets.filter((one) => one !== undefined),
  );
  if (!received.ok) throw tokenRefused(received, whenRefused);
  // It may hold the refresh token that was sent, which is still good then.
  const read = granted.safeParse(parseJson(received.untouched));
  if (!read.success) {
    const { hint } = whenRefused("");
    throw faultIn(names, "malformed", "Gazelle's token endpoint answered without a token", { hint });
  }
  const { access_token, refresh_token, expires_in } = read.data;
  return { access: access_token, refresh: refresh_token ?? null, expiresIn: expires_in ?? null };
}

function tokenRefused({ status, headers, text }: Received, whenRefused: WhenRefused): Problem {
  if (status === 429) {
    return faultIn(names, "rate_limited", "Gazelle's token endpoint asks to slow down (HTTP 429)", {
      hint: "This usually passes by itself: try again later.",
      cause: headers,
    });
  }
  if (status >= 500) {
    return faultIn(names, "unavailable", `Gazelle's token endpoint answered ${status}`, {
      hint: "This usually passes by itself: try again later.",
    });
  }
  const { code, message, hint } = whenRefused(`HTTP ${status}`);
  const answer = refusal.safeParse(parseJson(text));
  return problem(code, message, {
    details: answer.success
      ? [answer.data.error, answer.data.error_description].filter(Boolean).join(": ")
      : null,
    hint,
  });
}
