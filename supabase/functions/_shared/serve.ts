// What every function is wired with: who may call it, the outside world, the database.

import { withSupabase } from "@supabase/server";
import type { Dependencies } from "./answer.ts";
import type { Environment } from "./settings.ts";
import { world } from "./world.ts";

type Answer = (request: Request, dependencies: Dependencies) => Promise<Response>;

/** A function that cron and the holders of the secret key may call. */
export function serve(answer: Answer, env: Environment) {
  return withSupabase({ auth: ["secret:cron", "secret:default"] }, (request, context) =>
    answer(request, {
      world,
      database: context.supabaseAdmin,
      env,
      startedBy: `key ${context.authKeyName}`,
    }));
}
