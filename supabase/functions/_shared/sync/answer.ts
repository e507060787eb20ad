// From a request to a response. The statuses of a sync:
//   200  the run ended complete or partial; the report says which
//   202  the run is paused: its slice is over, or the source asked to wait. Call again
//   400  the request asks for something there is not; 405  it is no POST
//   401  no secret key (answered before this)
//   409  another run of the stream is active, or this one was taken over
//   422  the breaker tripped the run: nothing was written
//   423  the stream is switched off
//   500  our own fault: settings, database, a bug
//   502  the source's fault: it cannot be reached, refuses, or answers nonsense
// Where a run is on record, the body is its report, with `error` when it failed;
// else { stream, status, error }.

import { z } from "zod";
import { asProblem, partsOf, type Problem, problem } from "../problem.ts";
import { isLocal } from "../urls.ts";
import { postAlerts } from "./alerts.ts";
import { statusOf } from "./codes.ts";
import type { Options } from "./runs.ts";
import { stopping } from "./shutdown.ts";
import type { Outside, Stream } from "./source.ts";
import { type Outcome, runStream } from "./stream.ts";

export type Dependencies = Outside & {
  /** What goes on record as the starter: the name of the key. */
  startedBy: string;
};

export async function answer(
  stream: Stream,
  request: Request,
  dependencies: Dependencies,
): Promise<Response> {
  try {
    if (request.method !== "POST") return methodNotAllowed(stream);
    const outcome = await runStream(stream, {
      ...dependencies,
      options: await readOptions(request),
      stopping,
    });
    if (outcome.problem) log(stream, outcome.problem);
    if (outcome.report.unposted_alerts) await tell(stream, dependencies);
    return Response.json(outcome.report, { status: statusFor(outcome) });
  } catch (thrown) {
    const problem = asProblem(thrown);
    log(stream, problem);
    return Response.json(refusal(stream, problem), { status: statusOf(problem.code) });
  }
}

/** Whether people can be told changes nothing about the run. */
async function tell(stream: Stream, { database, world, env }: Dependencies): Promise<void> {
  try {
    await postAlerts(database, world.fetch, isLocal(env.SUPABASE_URL));
  } catch (thrown) {
    log(stream, asProblem(thrown));
  }
}

function statusFor({ report, problem }: Outcome): number {
  if (report.status === "paused") return 202;
  return problem ? statusOf(problem.code) : 200;
}

const body = z.strictObject({ dry_run: z.boolean().default(false), allow: z.array(z.string()).default([]) });

/** An option that is ignored could do harm: a dry run that writes. */
async function readOptions(request: Request): Promise<Options> {
  const text = (await request.text()).trim();
  const options = body.safeParse(text === "" ? {} : parse(text));
  if (options.success) return { dryRun: options.data.dry_run, allow: options.data.allow };
  throw problem("request_invalid", "the body is not what a sync takes", {
    details: z.prettifyError(options.error),
    hint: 'Send no body, or JSON with some of "dry_run": true and "allow": ["blank:tags", "lose"].',
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function methodNotAllowed(stream: Stream): Response {
  const refused = problem("request_invalid", "a sync is started by POST", { hint: "Send a POST request." });
  return Response.json(refusal(stream, refused), { status: 405, headers: { allow: "POST" } });
}

function refusal(stream: Stream, problem: Problem) {
  return { stream: stream.name, status: "refused", error: partsOf(problem) };
}

function log(stream: Stream, problem: Problem): void {
  console.error(JSON.stringify({ stream: stream.name, ...partsOf(problem) }));
  if (problem.code === "internal") console.error(problem.cause);
}
