// One request to Gazelle, with a time limit, and to nobody but whom the settings name.

import { problem } from "./errors.ts";

/** Bytes of an answer; a page of 500 records has less than one million. */
const most = 32 * 2 ** 20;

/** @throws gazelle_timeout, gazelle_unreachable, gazelle_refused, gazelle_malformed */
export type Send = (url: string, request: RequestInit) => Promise<Response>;

export function sender(send: typeof fetch, timeoutMs: number): Send {
  return async (url, request) => {
    const { response, text } = await answered(send, timeoutMs, url, request);
    // Whoever is redirected to would be told what proves who we are.
    if (response.status >= 300 && response.status < 400) throw redirected(url, response);
    if (text === null) throw endless(url);
    return new Response(text || null, { status: response.status, headers: response.headers });
  };
}

async function answered(send: typeof fetch, timeoutMs: number, url: string, request: RequestInit) {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await send(url, { ...request, redirect: "manual", signal });
    // The body is read under the same time limit, so a cut connection shows here too.
    return { response, text: await textOf(response) };
  } catch (thrown) {
    throw signal.aborted ? timedOut(url, timeoutMs) : unreachable(url, thrown);
  }
}

/** Null for more than a call has memory for; the rest is not read. */
async function textOf({ body }: Response): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > most) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** What Gazelle says goes into logs, records and tables: without what it was told in confidence. */
export function without(secrets: string[], text: string): string {
  return secrets.filter((secret) => secret.length >= 8).reduce(
    (rest, secret) => rest.includes(secret) ? rest.replaceAll(secret, "[secret]") : rest,
    text,
  );
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function redirected(url: string, response: Response) {
  const target = URL.parse(response.headers.get("location") ?? "", url);
  return problem("gazelle_refused", `${url} sends us elsewhere (HTTP ${response.status})`, {
    details: target && `to ${target.origin}${target.pathname}`,
    hint: "Redirects are not followed. If the other address is Gazelle's, put it into the settings.",
  });
}

function endless(url: string) {
  return problem("gazelle_malformed", `the answer from ${url} has more than ${most / 2 ** 20} MB`, {
    hint: "Lower GAZELLE_PAGE_SIZE. If that does not help, check GAZELLE_GRAPHQL_URL.",
  });
}

function timedOut(url: string, timeoutMs: number) {
  return problem("gazelle_timeout", `no answer from ${url} in ${timeoutMs} ms`, {
    hint: "Start the sync again later, or raise GAZELLE_TIMEOUT_MS.",
  });
}

function unreachable(url: string, thrown: unknown) {
  return problem("gazelle_unreachable", `could not reach ${url}`, {
    details: thrown instanceof Error ? thrown.message : String(thrown),
    hint: "Check GAZELLE_GRAPHQL_URL and GAZELLE_TOKEN_URL and the network, then start the sync again.",
  });
}
