// The client of Gazelle's GraphQL API.

import { z } from "zod";
import type { Problem } from "../problem.ts";
import { type Answer as HttpAnswer, openClient } from "../sync/client.ts";
import { faultIn } from "../sync/faults.ts";
import type { FieldError } from "../sync/page.ts";
import { parseJson, sender } from "../sync/requests.ts";
import type { World } from "../sync/world.ts";
import { credentialsFor, type Tokens } from "./auth/credentials.ts";
import { names } from "./names.ts";
import type { Settings } from "./settings.ts";

export type Answer = { data: unknown; errors: FieldError[] };

/** Asks one GraphQL document. @throws gazelle_* */
export type Ask = (document: string, variables: Record<string, unknown>) => Promise<Answer>;

const answer = z.object({
  data: z.unknown().optional(),
  errors: z.array(z.object({
    message: z.string().default("no message"),
    path: z.array(z.union([z.string(), z.number()])).nullish(),
  })).nullish(),
});

/** @param deadline after which no request is sent again, as `world.now()` tells time */
export function connectGazelle(settings: Settings, world: World & { tokens: Tokens }, deadline: number): Ask {
  const send = sender(names, world.fetch, settings.timeoutMs);
  const credentials = credentialsFor(settings.credentials, world.tokens, send, world);
  const client = openClient(names, settings, credentials, world, deadline);
  const endpoint = { url: settings.url, setting: "GAZELLE_GRAPHQL_URL" };
  return (document, variables) => client(endpoint, post({ query: document, variables }), readAnswer);
}

function post(body: Record<string, unknown>): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(body),
  };
}

function readAnswer({ ok, status, text }: HttpAnswer): Answer {
  const parsed = answer.safeParse(parseJson(text));
  if (!ok) throw queryRefused(status, parsed.data?.errors?.[0]?.message);
  if (!parsed.success) {
    throw faultIn(names, "malformed", "Gazelle's answer is not a GraphQL answer in JSON", {
      details: `It begins: ${text.slice(0, 80)}`,
      hint: "Check GAZELLE_GRAPHQL_URL. If it is right, start the sync again later.",
    });
  }
  // Without data at all there would be no such key: the query is sound, and something failed while it was answered.
  const [first] = parsed.data.errors ?? [];
  if (parsed.data.data === null && first) {
    throw faultIn(names, "unavailable", "Gazelle met an error and answered nothing", {
      details: first.message,
      hint: "This usually passes by itself: start the sync again later.",
    });
  }
  const errors = (parsed.data.errors ?? []).map(({ message, path }) => ({ message, path: path ?? null }));
  return { data: parsed.data.data, errors };
}

function queryRefused(status: number, message: string | null | undefined): Problem {
  return faultIn(names, "refused", `Gazelle refused the query (HTTP ${status})`, {
    details: message ?? null,
    hint: "Check GAZELLE_GRAPHQL_URL and what the user of the credentials may see.",
  });
}
