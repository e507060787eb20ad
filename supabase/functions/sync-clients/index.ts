import { withSupabase } from "@supabase/server";
import { world } from "../_shared/world.ts";
import { handle } from "./handler.ts";

export default {
  fetch: withSupabase({ auth: ["secret:cron", "secret:default"] }, (request, context) =>
    handle(request, {
      world,
      database: context.supabaseAdmin,
      env: Deno.env.toObject(),
      startedBy: `key ${context.authKeyName}`,
    })),
};
