import { withSupabase } from "@supabase/server";
import { handle } from "./handler.ts";

export default {
  fetch: withSupabase(
    { auth: ["secret:cron", "secret:default"] },
    (request, context) => handle(request, { database: context.supabaseAdmin, now: () => Date.now() }),
  ),
};
