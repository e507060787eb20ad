// Wires a function to the outside: checks the key of the caller, and adds the world, the database and the
// environment.

import { withSupabase } from "@supabase/server";
import { answer, type Invocation } from "./answer.ts";
import { answerAll } from "./answer-all.ts";
import type { Environment } from "./settings.ts";
import type { Source, Stream } from "./source.ts";
import { world } from "./world.ts";

/** The function that syncs one stream. */
export function serve(stream: Stream, env: Environment) {
  return withKey(env, (request, invocation) => answer(stream, request, invocation));
}

/** The function that syncs all streams of these sources, one after another. */
export function serveAll(sources: Source[], env: Environment) {
  const streams = sources.flatMap(({ streams }) => streams);
  return withKey(env, (request, invocation) => answerAll(streams, request, invocation));
}

type Answer = (request: Request, invocation: Invocation) => Promise<Response>;

/** Lets in the schedule's key and the default secret key. */
function withKey(env: Environment, answer: Answer) {
  return withSupabase({ auth: ["secret:cron", "secret:default"] }, (request, context) =>
    answer(request, {
      world,
      database: context.supabaseAdmin,
      env,
      startedBy: `key ${context.authKeyName}`,
    }));
}
