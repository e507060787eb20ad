// One request to Gazelle, with a time limit, and to nobody but whom the settings name.

import { problem } from "./errors.ts";

/** @throws gazelle_timeout, gazelle_unreachable, gazelle_refused */
export type Send = (url: string, request: RequestInit) => Promise<Response>;

export function sender(send: typeof fetch, timeoutMs: number): Send {
  return async (url, request) => {
    const response = await answered(send, timeoutMs, url, request);
    // Whoever is redirected to would be told what proves who we are.
    if (response.status >= 300 && response.status < 400) throw redirected(url, response);
    return response;
  };
}

async function answered(send: typeof fetch, timeoutMs: number, url: string, request: RequestInit) {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await send(url, { ...request, redirect: "manual", signal });
    // The body is read under the same time limit, so a cut connection shows here too.
    const body = await response.text();
    return new Response(body || null, { status: response.status, headers: response.headers });
  } catch (thrown) {
    throw signal.aborted ? timedOut(url, timeoutMs) : unreachable(url, thrown);
  }
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
