import { randomBytes } from "node:crypto";
import { withSupabase } from "@supabase/server";
import { world } from "../_shared/sync/world.ts";
import { begin, finish } from "./handler.ts";

const outside = { fetch: world.fetch, sleep: world.sleep, env: Deno.env.toObject() };
const secret = () => randomBytes(32).toString("base64url");

const withKey = withSupabase(
  { auth: ["secret:cron", "secret:default"] },
  (request, { supabaseAdmin, authKeyName }) =>
    begin(request, { ...outside, database: supabaseAdmin, secret, begunBy: `key ${authKeyName}` }),
);

/** A person who comes back from Gazelle has no key. The state is checked instead. */
const withState = withSupabase(
  { auth: "none", cors: "disabled" },
  (request, { supabaseAdmin }) => finish(request, { ...outside, database: supabaseAdmin }),
);

export default {
  fetch: (request: Request) => request.method === "GET" ? withState(request) : withKey(request),
};
