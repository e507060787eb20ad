// Several streams in one call, one after the other, as far as the time goes. What is left is due at the next call:
// the database knows which streams had their run in this round.
//
// The body is { status, reports, waiting }: the report of each stream that was tried, and the names of the others.
// The HTTP status is the worst of the streams' own, and 202 where streams wait.

import { z } from "zod";
import { answer, type Dependencies } from "./answer.ts";
import { asProblem, befallsAll, describe, statusOf } from "./errors.ts";
import { call, type Database } from "./runs.ts";
import type { Stream } from "./stream.ts";

/** Milliseconds after which no other stream is begun. */
const slice = 25_000;

const report = z.object({
  status: z.string(),
  error: z.object({ code: z.string() }).loose().nullish(),
}).loose();

type Answered = { status: number; report: z.infer<typeof report> };

export async function answerAll(
  streams: Stream[],
  request: Request,
  dependencies: Dependencies,
): Promise<Response> {
  try {
    return await runAll(streams, request, dependencies);
  } catch (thrown) {
    const error = describe(asProblem(thrown));
    console.error(JSON.stringify({ stream: "all", ...error }));
    const waiting = streams.map(({ name }) => name);
    return Response.json({ status: "failed", reports: [], waiting, error }, { status: statusOf(error.code) });
  }
}

async function runAll(streams: Stream[], request: Request, dependencies: Dependencies): Promise<Response> {
  const { world, database } = dependencies;
  const end = world.now() + slice;
  const { url, method } = request;
  const body = method === "POST" ? await request.text() : undefined;

  const waiting = await dueStreams(streams, database);
  const answered: Answered[] = [];
  while (waiting[0] && world.now() < end) {
    const response = await answer(waiting[0], new Request(url, { method, body }), dependencies);
    const told = { status: response.status, report: report.parse(await response.json()) };
    // What is wrong with the request is said once.
    if ([400, 405].includes(told.status)) return Response.json({ ...told.report, stream: "all" }, response);
    answered.push(told);
    waiting.shift();
    if (endsTheCall(told)) break;
  }
  return summary(answered, waiting);
}

async function dueStreams(streams: Stream[], database: Database): Promise<Stream[]> {
  const names = await call(
    database,
    "sync_due_streams",
    { streams: streams.map(({ name }) => name) },
    z.array(z.string()),
  );
  return streams.filter(({ name }) => names.includes(name));
}

/** A run that is paused needs another call; what befell it may befall them all. */
function endsTheCall({ status, report }: Answered): boolean {
  return status === 202 || befallsAll(report.error?.code);
}

function summary(answered: Answered[], waiting: Stream[]): Response {
  const status = Math.max(waiting.length > 0 ? 202 : 200, ...answered.map(({ status }) => status));
  const worst = answered.find((one) => one.status === status)?.report.status ?? "paused";
  const isPartial = answered.some(({ report }) => report.status === "partial");
  return Response.json({
    status: status === 200 && isPartial ? "partial" : worst,
    reports: answered.map(({ report }) => report),
    waiting: waiting.map(({ name }) => name),
  }, { status });
}
