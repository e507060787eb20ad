// Sends one request to a source, with a time limit, and never to an address that the settings do not name.

import { messageOf, type Problem } from "../problem.ts";
import { faultIn } from "./faults.ts";
import { type Names, prefixOf } from "./names.ts";
import { remover } from "./secrets.ts";

/** How many bytes an answer may have. A page of 500 records has less than one million. */
const most = 32 * 2 ** 20;

/** An address, and the name of the setting that it comes from. */
export type Endpoint = { url: string; setting: string };

/** What came back. */
export type Received = {
  ok: boolean;
  status: number;
  headers: Headers;
  /** The body without the secrets of the request. */
  text: string;
  /** The body as it was sent: for an answer that is meant to hold a secret, such as a token. */
  untouched: string;
};

/**
 * @param secrets what the request says in confidence: it is removed from all that the other side says
 * @throws the faults unreachable, timeout, refused and malformed
 */
export type Send = (to: Endpoint, request: RequestInit, secrets: string[]) => Promise<Received>;

export function sender(source: Names, send: typeof fetch, timeoutMs: number): Send {
  return async (to, request, secrets) => {
    const clean = remover(secrets);
    const { response, text } = await answered(source, send, timeoutMs, to, request, clean);
    const { ok, status, headers } = response;
    // Redirects are not followed: the other server would receive the credentials.
    if (status >= 300 && status < 400) throw redirected(source, to, response, clean);
    if (text === null) throw endless(source, to);
    return { ok, status, headers, text: clean(text), untouched: text };
  };
}

type Clean = (text: string) => string;

async function answered(
  source: Names,
  send: typeof fetch,
  timeoutMs: number,
  to: Endpoint,
  request: RequestInit,
  clean: Clean,
) {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await send(to.url, { ...request, redirect: "manual", signal });
    // The body is read within the same time limit, so that a connection that is cut shows here too.
    return { response, text: await textOf(response) };
  } catch (thrown) {
    throw signal.aborted ? timedOut(source, to, timeoutMs) : unreachable(source, to, thrown, clean);
  }
}

/** Null if there is more than a call has memory for; then the rest is not read. */
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

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function redirected(
  source: Names,
  { url, setting }: Endpoint,
  { status, headers }: Response,
  clean: Clean,
): Problem {
  const target = URL.parse(headers.get("location") ?? "", url);
  return faultIn(source, "refused", `${url} sends us elsewhere (HTTP ${status})`, {
    details: target && clean(`to ${target.origin}${target.pathname}`),
    hint: `Redirects are not followed. If that address belongs to ${source.label}, set ${setting} to it.`,
  });
}

function endless(source: Names, { url, setting }: Endpoint): Problem {
  return faultIn(source, "malformed", `the answer from ${url} has more than ${most / 2 ** 20} MB`, {
    hint: `Lower ${prefixOf(source)}PAGE_SIZE. If that does not help, check ${setting}.`,
  });
}

function timedOut(source: Names, { url }: Endpoint, timeoutMs: number): Problem {
  return faultIn(source, "timeout", `no answer from ${url} in ${timeoutMs} ms`, {
    hint: `Start the sync again later, or raise ${prefixOf(source)}TIMEOUT_MS.`,
  });
}

function unreachable(
  source: Names,
  { url, setting }: Endpoint,
  thrown: unknown,
  clean: Clean,
): Problem {
  return faultIn(source, "unreachable", `could not reach ${url}`, {
    details: clean(messageOf(thrown)),
    hint: `Check ${setting} and the network, then start the sync again.`,
  });
}
