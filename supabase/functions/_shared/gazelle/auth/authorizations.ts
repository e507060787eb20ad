// The authorization-code flow of OAuth 2 (RFC 6749, 4.1) with PKCE (RFC 7636): a person is sent to Gazelle with a
// random state. Whoever comes back with that state, once and within ten minutes, brings a code for tokens.

import { createHash } from "node:crypto";
import { z } from "zod";
import { partsOf, type Problem, problem } from "../../problem.ts";
import { call, type Database } from "../../sync/database.ts";
import type { ConnectSettings } from "../settings.ts";
import type { Grant } from "./token-store.ts";

const begun = z.object({ id: z.number(), expires_at: z.string() });

const taken = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("taken"),
    id: z.number(),
    verifier: z.string().nullable(),
    redirect_url: z.string(),
  }),
  z.object({ outcome: z.enum(["unknown", "used", "expired"]) }),
]);

export type Begun = z.infer<typeof begun> & { url: string };

export type Authorization = { id: number; verifier: string | null; redirectUrl: string };

/** @param secret returns a new random text of 43 characters at each call */
export async function beginAuthorization(
  database: Database,
  settings: ConnectSettings,
  secret: () => string,
  begunBy: string,
): Promise<Begun> {
  const state = secret();
  const verifier = settings.usesPkce ? secret() : null;
  const args = { state_hash: hex(state), redirect_url: settings.redirectUrl, begun_by: begunBy, verifier };
  const kept = await call(database, "sync_begin_authorization", args, begun);
  return { ...kept, url: authorizeUrl(settings, state, verifier) };
}

function authorizeUrl(settings: ConnectSettings, state: string, verifier: string | null): string {
  const url = new URL(settings.authorizeUrl);
  url.searchParams.set("response_type", "code");
  url.searchParams.set("client_id", settings.clientId);
  url.searchParams.set("redirect_uri", settings.redirectUrl);
  url.searchParams.set("state", state);
  if (verifier !== null) {
    url.searchParams.set("code_challenge", createHash("sha256").update(verifier).digest("base64url"));
    url.searchParams.set("code_challenge_method", "S256");
  }
  return url.href;
}

/** Marks the state as used. @throws state_unknown, state_used, state_expired */
export async function takeAuthorization(database: Database, state: string): Promise<Authorization> {
  const found = await call(database, "sync_take_authorization", { state_hash: hex(state) }, taken);
  if (found.outcome !== "taken") throw stateProblem(found.outcome);
  return { id: found.id, verifier: found.verifier, redirectUrl: found.redirect_url };
}

export async function failAuthorization(database: Database, id: number, error: Problem): Promise<void> {
  const args = { authorization_id: id, error: partsOf(error) };
  await call(database, "sync_end_authorization", args, z.unknown());
}

/** @param configured the refresh token in the settings, which no longer counts from now on */
export async function keepGrant(
  database: Database,
  id: number,
  grant: Grant,
  configured: string | null,
): Promise<void> {
  const args = {
    authorization_id: id,
    access_token: grant.access,
    refresh_token: grant.refresh,
    expires_in: grant.expiresIn,
    configured_refresh: configured,
  };
  await call(database, "sync_connect", args, z.unknown());
}

function stateProblem(outcome: "unknown" | "used" | "expired"): Problem {
  const hint = "Begin again with etiquette connect, and open the new address.";
  if (outcome === "used") {
    return problem("state_used", "this address was used before; it counts once", { hint });
  }
  if (outcome === "expired") {
    return problem("state_expired", "this address is more than ten minutes old", { hint });
  }
  return problem("state_unknown", "no connection was begun here that ends at this address", { hint });
}

function hex(state: string): string {
  return createHash("sha256").update(state).digest("hex");
}
