import { setTimeout as wait } from "node:timers/promises";
import type { Fault } from "./orders.ts";

/** The answer that a fault gives instead of the real one. Null means the real one. */
export async function answerOf(fault: Fault, context: Hold): Promise<Response | null> {
  if (fault.kind === "timeout") return await hold(fault.holdMs, context);
  if (fault.kind === "cut") return cut(200);
  if (fault.kind === "malformed_json") return json('{"data":{"all', 200);
  if (fault.kind === "unauthorized") return failure(401, "Unauthorized");
  if (fault.kind === "forbidden") return failure(403, "Forbidden");
  if (fault.kind === "server_error") return html(fault.status);
  if (fault.kind !== "too_many_requests") return null;
  const answer = failure(429, "Too many requests");
  if (fault.retryAfter !== null) answer.headers.set("retry-after", String(fault.retryAfter));
  return answer;
}

export interface Hold {
  request: Request;
  /** Aborted when the double stops. */
  stopping: AbortSignal;
}

export function failure(status: number, message: string): Response {
  return json(JSON.stringify({ errors: [{ message }] }), status);
}

export function json(body: string, status: number): Response {
  return new Response(body, { status, headers: { "content-type": "application/json; charset=utf-8" } });
}

/** A proxy in front of the application answers errors with a web page, not with JSON. */
function html(status: number): Response {
  const body =
    `<!DOCTYPE html><html><head><title>${status}</title></head><body><h1>We're sorry</h1></body></html>`;
  return new Response(body, { status, headers: { "content-type": "text/html; charset=utf-8" } });
}

/** Waits, then gives the real answer. Without `milliseconds` it waits until the client hangs up or the double stops. */
function hold(milliseconds: number | undefined, { request, stopping }: Hold): Promise<Response | null> {
  if (milliseconds !== undefined) {
    return wait(milliseconds, null, { signal: stopping }).catch(() => failure(503, "The double stops"));
  }
  const signals = [request.signal, stopping];
  return new Promise((resolve) => {
    const hangUp = () => {
      for (const signal of signals) signal.removeEventListener("abort", hangUp);
      resolve(cut(504));
    };
    for (const signal of signals) signal.addEventListener("abort", hangUp);
    if (signals.some((signal) => signal.aborted)) hangUp();
  });
}

/** Closes the connection in the middle of the body, which is shorter than announced. */
function cut(status: number): Response {
  const start = '{"data":{"allClients":{"totalCount":1344,"edges":[{"cursor":"MQ","node":{"id":"cli_';
  const headers = { "content-type": "application/json; charset=utf-8", "content-length": "48211" };
  return new Response(new Blob([start]).stream(), { status, headers });
}
