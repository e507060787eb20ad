// From a request to a response. The statuses of a sync:
//   200  the run ended complete or partial; the report says which
//   400  the request asks for something there is not; 405  it is no POST
//   401  no secret key (answered before this)
//   409  another run of the stream is active, or this one was taken over
//   500  our own fault: settings, database, a bug
//   502  Gazelle's fault: it cannot be reached, refuses, or answers nonsense
// Where a run is on record, the body is its report, with `error` when it failed;
// else { stream, status, error }.

import { asProblem, describe, type Problem, problem, statusOf } from "./errors.ts";
import { connectGazelle, type World } from "./gazelle.ts";
import type { Database } from "./runs.ts";
import { type Environment, readSettings } from "./settings.ts";
import { runStream, type Stream } from "./stream.ts";

export type Dependencies = {
  world: World;
  database: Database;
  env: Environment;
  /** What goes on record as the starter: the name of the key. */
  startedBy: string;
};

/** Milliseconds after which no request is tried again; the platform ends an invocation at 150 s. */
const budget = 100_000;

export async function answer(
  stream: Stream,
  request: Request,
  dependencies: Dependencies,
): Promise<Response> {
  try {
    if (request.method !== "POST") return methodNotAllowed(stream);
    await refuseOptions(request);
    const { report, problem } = await runStream(stream, {
      database: dependencies.database,
      connect: () => connect(dependencies),
      now: dependencies.world.now,
      startedBy: dependencies.startedBy,
    });
    if (problem) log(stream, problem);
    return Response.json(report, { status: problem ? statusOf(problem.code) : 200 });
  } catch (thrown) {
    const problem = asProblem(thrown);
    log(stream, problem);
    return Response.json(refusal(stream, problem), { status: statusOf(problem.code) });
  }
}

function connect({ world, env }: Dependencies) {
  const settings = readSettings(env);
  return {
    ask: connectGazelle(settings, world, world.now() + budget),
    pageSize: settings.pageSize,
    pause: () => settings.pauseMs ? world.sleep(settings.pauseMs) : Promise.resolve(),
  };
}

/** There are no options yet, and one that is ignored could do harm: a dry run that writes. */
async function refuseOptions(request: Request): Promise<void> {
  const body = (await request.text()).trim();
  if (body === "" || /^\{\s*\}$/.test(body)) return;
  throw problem("request_invalid", "a sync takes no options", {
    details: `The body begins: ${body.slice(0, 80)}`,
    hint: "Send no body, or {}.",
  });
}

function methodNotAllowed(stream: Stream): Response {
  const refused = problem("request_invalid", "a sync is started by POST", { hint: "Send a POST request." });
  return Response.json(refusal(stream, refused), { status: 405, headers: { allow: "POST" } });
}

function refusal(stream: Stream, problem: Problem) {
  return { stream: stream.name, status: "refused", error: describe(problem) };
}

function log(stream: Stream, problem: Problem): void {
  console.error(JSON.stringify({ stream: stream.name, ...describe(problem) }));
  if (problem.code === "internal") console.error(problem.cause);
}
