// Keeps Gazelle's token between calls: in Vault, through functions of the database.

import { z } from "zod";
import { partsOf, type Problem } from "../../problem.ts";
import { faultIn } from "../../sync/faults.ts";
import { call, type Database } from "../../sync/database.ts";
import { names } from "../names.ts";

export type Grant = { access: string; refresh: string | null; expiresIn: number | null };

/**
 * A valid access token; or a lease to get a new one with this refresh token, and the old one as long as it is valid.
 */
export type Claim = { access: string } | { refresh: string; lease: string; access: string | null };

export type Configured = { refreshToken: string | null; accessToken: string | null };

export type TokenStore = {
  /** @param refused an access token that Gazelle did not accept. @throws gazelle_not_connected */
  claim(configured: Configured, refused: string | null): Promise<Claim>;
  put(lease: string, outcome: Grant | Problem): Promise<void>;
  /** Records that an API key is used, and no token. */
  useApiKey(): Promise<void>;
};

const answer = z.object({
  access_token: z.string().optional(),
  refresh_token: z.string().optional(),
  lease: z.string().optional(),
  is_connected: z.literal(false).optional(),
});

/** While another caller gets a token: milliseconds between two looks, and how many looks. */
const lookEvery = 250;
const looks = 40;

export function vaultStore(database: Database, sleep: (milliseconds: number) => Promise<void>): TokenStore {
  return {
    async claim({ refreshToken, accessToken }, refused) {
      const args = { configured_refresh: refreshToken, configured_access: accessToken, refused };
      for (let look = 0; look < looks; look++) {
        const found = await call(database, "sync_claim_token", args, answer);
        if (found.is_connected === false) throw notConnected();
        const { access_token: access, refresh_token: refresh, lease } = found;
        if (refresh && lease) return { refresh, lease, access: access ?? null };
        if (access) return { access };
        await sleep(lookEvery);
      }
      // If the other caller was killed, its lease lasts for a minute.
      throw faultIn(names, "unauthorized", "another call has been getting a token for 10 s", {
        hint: "Start the sync again in a minute.",
        retrySeconds: 60,
      });
    },
    async put(lease, outcome) {
      const args = "access" in outcome
        ? {
          access_token: outcome.access,
          refresh_token: outcome.refresh,
          expires_in: outcome.expiresIn,
        }
        : { error: partsOf(outcome) };
      await call(database, "sync_put_token", { lease, ...args }, z.unknown());
    },
    async useApiKey() {
      await call(database, "sync_use_api_key", {}, z.unknown());
    },
  };
}

export function notConnected(): Problem {
  return faultIn(names, "not_connected", "there is no token for Gazelle, and nothing to get one with", {
    hint: "Set GAZELLE_API_KEY, or connect with etiquette connect.",
  });
}
