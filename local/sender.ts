// Does the work of pg_net: sends the requests in its queue over HTTP, and stores the answers.

import type postgres from "postgres";
import { messageOf } from "../supabase/functions/_shared/problem.ts";

export interface Sender {
  /** Sends the queued requests, and waits until each is answered or its time is up. */
  send(): Promise<void>;
  /** From now on sends each request as soon as it is committed. */
  listen(): Promise<void>;
  /** Breaks off the requests that are under way, without an answer. */
  stop(): Promise<void>;
}

interface Queued {
  id: string;
  method: string;
  url: string;
  headers: Record<string, string> | null;
  body: Uint8Array<ArrayBuffer> | null;
  timeout_milliseconds: number;
}

interface Answer {
  status: number | null;
  type: string | null;
  headers: Record<string, string> | null;
  content: string | null;
  timedOut: boolean;
  error: string | null;
}

export function createSender(
  sql: postgres.Sql,
  onError: (message: string) => void = console.error,
): Sender {
  const stopping = new AbortController();
  const pending = new Set<Promise<void>>();
  let listening: postgres.ListenMeta | null = null;

  const send = async () => {
    const queued = await sql<Queued[]>`
      with taken as (delete from net.http_request_queue returning *)
      select id, method, url, headers, body, timeout_milliseconds from taken order by id`;
    await Promise.all(queued.map((request) => {
      const answered = sendOne(sql, request, stopping.signal).finally(() => pending.delete(answered));
      pending.add(answered);
      return answered;
    }));
  };
  const sendAlone = () => void send().catch((error) => stopping.signal.aborted || onError(messageOf(error)));
  return {
    send,
    async listen() {
      // Requests that were queued before are sent as soon as the connection listens.
      listening = await sql.listen("net_request_queued", sendAlone, sendAlone);
    },
    async stop() {
      stopping.abort();
      await listening?.unlisten();
      await Promise.allSettled(pending);
    },
  };
}

async function sendOne(sql: postgres.Sql, request: Queued, stopping: AbortSignal): Promise<void> {
  const answer = await ask(request, stopping);
  if (stopping.aborted) return;
  await sql`
    insert into net._http_response (id, status_code, content_type, headers, content, timed_out, error_msg)
    values (${request.id}, ${answer.status}, ${answer.type}, ${sql.json(answer.headers)}, ${answer.content},
      ${answer.timedOut}, ${answer.error})`;
}

async function ask(
  { method, url, headers, body, ...request }: Queued,
  stopping: AbortSignal,
): Promise<Answer> {
  const limit = AbortSignal.timeout(request.timeout_milliseconds);
  try {
    const signal = AbortSignal.any([limit, stopping]);
    const response = await fetch(url, { method, headers: headers ?? {}, body, redirect: "manual", signal });
    return {
      status: response.status,
      type: response.headers.get("content-type"),
      headers: Object.fromEntries(response.headers),
      content: await response.text(),
      timedOut: false,
      error: null,
    };
  } catch (error) {
    const said = limit.aborted ? `Timeout of ${request.timeout_milliseconds} ms reached` : why(error);
    return { status: null, type: null, headers: null, content: null, timedOut: limit.aborted, error: said };
  }
}

/** The reason of a failed request is in the cause of the error, which may have a cause itself. */
function why(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? `: ${why(error.cause)}` : "";
  return messageOf(error) + cause;
}
