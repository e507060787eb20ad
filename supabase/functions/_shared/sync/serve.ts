// What every function is wired with: who may call it, the outside world, the database.

import { withSupabase } from "@supabase/server";
import { answer, type Dependencies } from "./answer.ts";
import { answerAll } from "./answer-all.ts";
import type { Environment } from "./settings.ts";
import type { Source, Stream } from "./source.ts";
import { world } from "./world.ts";

/** The function that syncs a stream. */
export function serve(stream: Stream, env: Environment) {
  return withKey(env, (request, dependencies) => answer(stream, request, dependencies));
}

/** The function that syncs the streams of all the sources, one after another. */
export function serveAll(sources: Source[], env: Environment) {
  const streams = sources.flatMap(({ streams }) => streams);
  return withKey(env, (request, dependencies) => answerAll(streams, request, dependencies));
}

type Answer = (request: Request, dependencies: Dependencies) => Promise<Response>;

/** Cron may call it, and who holds the secret key. */
function withKey(env: Environment, answer: Answer) {
  return withSupabase({ auth: ["secret:cron", "secret:default"] }, (request, context) =>
    answer(request, {
      world,
      database: context.supabaseAdmin,
      env,
      startedBy: `key ${context.authKeyName}`,
    }));
}
