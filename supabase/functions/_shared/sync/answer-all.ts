// Syncs several streams in one call, one after another, until the time of the call is used up. The next call goes on
// with the rest, for the database knows which streams have had their run in this round.
//
// The body is { status, reports, waiting }: the report of each stream that was tried, and the names of the others.
// The HTTP status is the highest of the streams' own statuses, and at least 202 while streams wait.

import { z } from "zod";
import { partsOf } from "../problem.ts";
import { answer, type Invocation } from "./answer.ts";
import { reachOf, statusOf } from "./codes.ts";
import { call, type Database } from "./database.ts";
import { logged } from "./log.ts";
import type { Stream } from "./source.ts";

/** Milliseconds after which no further stream is started. */
const budget = 25_000;

const report = z.object({
  status: z.string(),
  error: z.object({ code: z.string() }).loose().nullish(),
}).loose();

type Answered = { stream: Stream; status: number; report: z.infer<typeof report>; code?: string };

export async function answerAll(
  streams: Stream[],
  request: Request,
  invocation: Invocation,
): Promise<Response> {
  try {
    return await runAll(streams, request, invocation);
  } catch (thrown) {
    const error = partsOf(logged({ stream: "all" }, thrown));
    const waiting = streams.map(({ name }) => name);
    return Response.json({ status: "failed", reports: [], waiting, error }, { status: statusOf(error.code) });
  }
}

async function runAll(streams: Stream[], request: Request, invocation: Invocation): Promise<Response> {
  const { world, database } = invocation;
  const end = world.now() + budget;
  const { url, method } = request;
  const body = method === "POST" ? await request.text() : undefined;

  const waiting: Stream[] = [];
  const answered: Answered[] = [];
  let isOver = false;
  for (const stream of await dueStreams(streams, database)) {
    const hasFailed = answered.some((one) =>
      one.stream.source === stream.source && reachOf(one.code) === "source"
    );
    if (isOver || hasFailed || world.now() >= end) {
      waiting.push(stream);
      continue;
    }
    const response = await answer(stream, new Request(url, { method, body }), invocation);
    const told = report.parse(await response.json());
    // A request that is wrong is wrong for every stream, so one answer is enough.
    if ([400, 405].includes(response.status)) return Response.json({ ...told, stream: "all" }, response);
    answered.push({ stream, status: response.status, report: told, code: told.error?.code });
    isOver = endsTheCall(answered.at(-1)!);
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

/** A paused run needs another call, and without the database every stream would fail. */
function endsTheCall({ status, code }: Answered): boolean {
  return status === 202 || reachOf(code) === "all";
}

function summary(answered: Answered[], waiting: Stream[]): Response {
  const status = Math.max(waiting.length > 0 ? 202 : 200, ...answered.map(({ status }) => status));
  const worst = answered.find((one) => one.status === status)?.report.status ?? "paused";
  // These answer 200 as well: what could be stored is.
  const lesser = ["degraded", "partial"].find((one) => answered.some(({ report }) => report.status === one));
  return Response.json({
    status: status === 200 && lesser ? lesser : worst,
    reports: answered.map(({ report }) => report),
    waiting: waiting.map(({ name }) => name),
  }, { status });
}
