// Reaches a project by its URL and secret key: the database's functions and the edge functions over HTTP.

import type { Call } from "../supabase/functions/_shared/calls.ts";
import { messageOf, problem } from "../supabase/functions/_shared/problem.ts";
import type { Answer, Api } from "./calls.ts";
import { push, supabase } from "./supabase.ts";

/** Milliseconds until a call of the database is given up. The API itself ends one after 8 seconds. */
const patience = 20_000;

/** @throws no_secret_key, key_not_secret */
export function connectApi(url: string, secretKey: string | undefined, limit = patience): Api {
  const base = url.replace(/\/+$/, "");
  const key = checkKey(secretKey);
  const post = (path: string, body: string, signal: AbortSignal) =>
    fetch(`${base}${path}`, {
      method: "POST",
      headers: { apikey: key, "content-type": "application/json" },
      body,
      signal,
      // Redirects are not followed: another server must not receive the key.
      redirect: "manual",
    }).catch((error) => {
      throw signal.aborted && error.name !== "TimeoutError" ? error : unreachable(base, error);
    });
  return {
    url: base,
    async call<T>(...[name, args = {}]: Call): Promise<T> {
      const response = await post(`/rest/v1/rpc/${name}`, JSON.stringify(args), AbortSignal.timeout(limit));
      const body = readBody(await response.text());
      if (response.ok) return body as T;
      throw callFailed(base, name, response.status, body);
    },
    async invoke(name: string, body: string, signal: AbortSignal): Promise<Answer> {
      const response = await post(`/functions/v1/${name}`, body, signal);
      const answer = { status: response.status, body: readBody(await response.text()) };
      if (answer.status === 401) throw keyRefused(base, answer.body);
      if (answer.status === 404 && isPlatforms(answer.body)) throw noFunction(base, name);
      return answer;
    },
  };
}

/** A publishable key would reach the project and then be allowed nothing, so it is refused here. */
export function checkKey(key: string | undefined): string {
  if (!key) {
    throw problem("no_secret_key", "The project's secret key is not given.", {
      details: "It is read from the environment alone: arguments are seen in the list of processes.",
      hint:
        "Copy it from the project's settings, API keys, and set it: export ETIQUETTE_SECRET_KEY=sb_secret_…",
    });
  }
  if (!key.startsWith("sb_secret_")) {
    const kind = key.startsWith("sb_publishable_") ? "a publishable key" : "no secret key";
    throw problem(
      "key_not_secret",
      `ETIQUETTE_SECRET_KEY holds ${kind}: it does not begin with sb_secret_.`,
      {
        hint:
          "Copy the secret key from the project's settings, API keys. The older service_role keys are not taken.",
      },
    );
  }
  return key;
}

function readBody(text: string): unknown {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return text;
  }
}

function unreachable(url: string, error: unknown): Error {
  const details = error instanceof Error && error.cause ? messageOf(error.cause) : messageOf(error);
  return problem("project_unreachable", `${url} does not answer.`, {
    details,
    hint:
      "Check the URL: https://<project>.supabase.co. A paused project is woken in its dashboard; the local one by npm start.",
  });
}

interface Refusal {
  code?: string;
  message?: string;
  details?: string | null;
  hint?: string | null;
}

function callFailed(url: string, name: string, status: number, body: unknown): Error {
  if (status === 401) return keyRefused(url, body);
  const { code, message, details, hint }: Refusal = typeof body === "object" && body !== null ? body : {};
  if (code === undefined || message === undefined) return noProject(url, status, body);
  if (code === "PGRST202" || code === "42883") return notInstalled(url, `function public.${name}`);
  // If a table that is passed as an argument is missing, the local API reports it as if it had been requested itself.
  if (code === "PGRST205") return problem("42P01", details ?? message, { hint: hintFor("42P01") });
  return problem(code, message, { details, hint: hint ?? hintFor(code) });
}

/** A hint for errors of Postgres itself, which come without one. */
export function hintFor(code: string): string {
  if (code === "42P01") return "See the tables and columns that are protected: etiquette protect";
  if (code === "57014") {
    return "It takes longer than the API allows; by SQL there is no such limit: --database postgres://…";
  }
  if (code === "42501") return "Check the grants: etiquette doctor";
  return "Look for what is wrong: etiquette doctor; where the ownership engine is alone, etiquette health";
}

/** Whether an answer comes from the platform and not from a function. */
function isPlatforms(body: unknown): boolean {
  return typeof body !== "object" || body === null || !("stream" in body || "error" in body);
}

function keyRefused(url: string, body: unknown): Error {
  const details = typeof body === "object" && body !== null && "message" in body ? String(body.message) : "";
  return problem("key_refused", `${url} does not take the key in ETIQUETTE_SECRET_KEY.`, {
    details,
    hint:
      "Copy the secret key of this project from its settings, API keys; it may be another project's, or revoked.",
  });
}

function noFunction(url: string, name: string): Error {
  return problem("no_function", `${url} has no function ${name}.`, {
    hint: `See supabase/functions for the names; deploy it: ${supabase} functions deploy ${name}`,
  });
}

function noProject(url: string, status: number, body: unknown): Error {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return problem(
    "no_project",
    `${url} is no Supabase project: it answers ${status} without an error of one.`,
    { details: text.slice(0, 200), hint: "Check the URL: https://<project>.supabase.co, without a path." },
  );
}

/** @param what the migrations would have made */
export function notInstalled(place: string, what: string): Error {
  return problem(
    "not_installed",
    `${place} has no ${what}: the migrations that belong to this command line are not all applied.`,
    { hint: `See which are missing: etiquette doctor. Apply them: ${push}` },
  );
}
