// Where Gazelle's token is kept between two calls: in Vault, behind the database's contract.

import { z } from "zod";
import { problem } from "./errors.ts";
import { call, type Database } from "./runs.ts";

export type Grant = { access: string; refresh: string | null; expiresIn: number | null };

/** A token that serves, or the task of getting one with this refresh token. */
export type Claim = { access: string } | { refresh: string; lease: string };

export type Configured = { refreshToken: string; accessToken: string | null };

export type TokenStore = {
  /** @param refused an access token that Gazelle does not take */
  claim(configured: Configured, refused: string | null): Promise<Claim>;
  /** @param grant null where none was got */
  put(lease: string, grant: Grant | null): Promise<void>;
};

const answer = z.object({
  access_token: z.string().optional(),
  refresh_token: z.string().optional(),
  lease: z.string().optional(),
});

/** Milliseconds between two looks whether the other caller has got a token, and how many of them. */
const lookEvery = 250;
const looks = 40;

export function vaultStore(database: Database, sleep: (milliseconds: number) => Promise<void>): TokenStore {
  return {
    async claim({ refreshToken, accessToken }, refused) {
      const args = { configured_refresh: refreshToken, configured_access: accessToken, refused };
      for (let look = 0; look < looks; look++) {
        const found = await call(database, "sync_claim_token", args, answer);
        if (found.access_token) return { access: found.access_token };
        if (found.refresh_token && found.lease) return { refresh: found.refresh_token, lease: found.lease };
        await sleep(lookEvery);
      }
      // A caller that was killed over it holds the task for a minute.
      throw problem("gazelle_unauthorized", "another call has been getting a token for 10 s", {
        hint: "Start the sync again in a minute.",
        retrySeconds: 60,
      });
    },
    async put(lease, grant) {
      const args = {
        lease,
        access_token: grant?.access,
        refresh_token: grant?.refresh,
        expires_in: grant?.expiresIn,
      };
      await call(database, "sync_put_token", args, z.unknown());
    },
  };
}
