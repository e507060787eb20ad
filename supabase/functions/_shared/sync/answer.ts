// Turns the request for a sync into a response. Its status is
//   200  the run ended complete, partial or degraded; the report says which
//   202  the run is paused, because its slice is over or the source asked to wait: call again
//   400  the request has an option that does not exist; 405  it is not a POST
//   401  there is no secret key (answered before this is called)
//   409  another run of the stream is active, or this one was taken over
//   422  the breaker tripped the run: nothing was written
//   423  the stream is switched off
//   500  the fault is on this side: settings, database, a bug
//   502  the fault is the source's: it cannot be reached, refuses, or sends an answer that cannot be used
// The body is the report of the run, with `error` when it failed; or { stream, status, error } when there is no run.

import { z } from "zod";
import { partsOf, type Problem, problem } from "../problem.ts";
import { isLocal } from "../urls.ts";
import { postAlerts } from "./alerts.ts";
import { statusOf } from "./codes.ts";
import { logged } from "./log.ts";
import { readOptions } from "./options.ts";
import type { Options } from "./runs.ts";
import { stopping } from "./shutdown.ts";
import type { Outside, Stream } from "./source.ts";
import { type Outcome, runStream } from "./stream.ts";

/** What a call of a function comes with. */
export type Invocation = Outside & {
  /** Recorded with the run: the name of the key that the caller used. */
  startedBy: string;
};

export async function answer(
  stream: Stream,
  request: Request,
  invocation: Invocation,
): Promise<Response> {
  try {
    if (request.method !== "POST") return methodNotAllowed(stream);
    const outcome = await runStream(stream, {
      ...invocation,
      options: await optionsOf(request),
      stopping,
    });
    if (outcome.problem) logged({ stream: stream.name }, outcome.problem);
    if (outcome.report.unposted_alerts) await tell(stream, invocation);
    return Response.json(outcome.report, { status: statusFor(outcome) });
  } catch (thrown) {
    const found = logged({ stream: stream.name }, thrown);
    return Response.json(refusal(stream, found), { status: statusOf(found.code) });
  }
}

/** A webhook that cannot be reached does not change the outcome of the run. */
async function tell(stream: Stream, { database, world, env }: Invocation): Promise<void> {
  try {
    await postAlerts(database, world.fetch, isLocal(env.SUPABASE_URL));
  } catch (thrown) {
    logged({ stream: stream.name }, thrown);
  }
}

function statusFor({ report, problem }: Outcome): number {
  if (report.status === "paused") return 202;
  return problem ? statusOf(problem.code) : 200;
}

const options = z.strictObject({
  dry_run: z.boolean().default(false),
  allow: z.array(z.string()).default([]),
});

async function optionsOf(request: Request): Promise<Options> {
  const { dry_run, allow } = await readOptions(request, options, {
    message: "the body is not what a sync takes",
    hint: 'Send no body, or JSON with some of "dry_run": true and "allow": ["blank:tags", "lose"].',
  });
  return { dryRun: dry_run, allow };
}

function methodNotAllowed(stream: Stream): Response {
  const wrong = problem("request_invalid", "a sync is started by POST", { hint: "Send a POST request." });
  return Response.json(refusal(stream, wrong), { status: 405, headers: { allow: "POST" } });
}

function refusal(stream: Stream, problem: Problem) {
  return { stream: stream.name, status: "refused", error: partsOf(problem) };
}
