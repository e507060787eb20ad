// Turns a request into a response. POST, with a secret key, begins a connection:
//   200  { id, url, expires_at }: an administrator of Gazelle is to open the url within ten minutes
//   400  the request has a body; 405  it is not a POST; 401  there is no secret key (answered before this is called)
// GET is where Gazelle sends that person back to. It answers with a page of plain text, and never redirects:
//   200  connected: the tokens are in Vault
//   400, 409, 410  the state is unknown, was used before, is too old; 403  the person or Gazelle did not agree
// Both:
//   500  the fault is on this side: settings, database, a bug
//   502  the fault is Gazelle's: it cannot be reached, refuses the code, or sends an answer that cannot be used

import { z } from "zod";
import * as authorizations from "../_shared/gazelle/auth/authorizations.ts";
import { statusOf } from "../_shared/gazelle/auth/codes.ts";
import { exchangeCode } from "../_shared/gazelle/auth/token-endpoint.ts";
import type { Grant } from "../_shared/gazelle/auth/token-store.ts";
import { names } from "../_shared/gazelle/names.ts";
import { type ConnectSettings, readConnectSettings } from "../_shared/gazelle/settings.ts";
import { asProblem, partsOf, type Problem, problem } from "../_shared/problem.ts";
import { type Database, persist } from "../_shared/sync/database.ts";
import { logged } from "../_shared/sync/log.ts";
import { readOptions } from "../_shared/sync/options.ts";
import { sender } from "../_shared/sync/requests.ts";
import { remover } from "../_shared/sync/secrets.ts";
import type { Environment } from "../_shared/sync/settings.ts";

const here = { function: "connect-gazelle" };

type Surroundings = {
  database: Database;
  fetch: typeof fetch;
  sleep: (milliseconds: number) => Promise<void>;
  env: Environment;
};

export type Beginning = Surroundings & {
  /** Returns a new random text at each call. */
  secret: () => string;
  /** Recorded with the connection: the name of the key that the caller used. */
  begunBy: string;
};

export async function begin(request: Request, surroundings: Beginning): Promise<Response> {
  try {
    if (request.method !== "POST") return methodNotAllowed();
    await readOptions(request, z.strictObject({}), {
      message: "connect-gazelle takes no options",
      hint: "Send a POST without a body.",
    });
    const { database, env, secret, begunBy } = surroundings;
    const settings = readConnectSettings(env);
    const begun = await authorizations.beginAuthorization(database, settings, secret, begunBy);
    return Response.json(begun, { headers: { "cache-control": "no-store" } });
  } catch (thrown) {
    const found = logged(here, thrown);
    return Response.json({ error: partsOf(found) }, { status: statusOf(found.code) });
  }
}

export async function finish(request: Request, surroundings: Surroundings): Promise<Response> {
  try {
    await connect(new URL(request.url).searchParams, surroundings);
    return page(200, ["Gazelle is connected.", "You may close this page."]);
  } catch (thrown) {
    const { code, message, details, hint } = partsOf(logged(here, thrown));
    return page(statusOf(code), ["Gazelle is not connected.", `${message} (${code})`, details, hint]);
  }
}

async function connect(
  answer: URLSearchParams,
  { database, fetch, sleep, env }: Surroundings,
): Promise<void> {
  const begun = await authorizations.takeAuthorization(database, answer.get("state") ?? "");
  try {
    const settings = readConnectSettings(env);
    const grant = await exchange(answer, begun, settings, fetch);
    await persist(
      () => authorizations.keepGrant(database, begun.id, grant, settings.refreshToken),
      sleep,
    );
  } catch (thrown) {
    const found = asProblem(thrown);
    await authorizations.failAuthorization(database, begun.id, found);
    throw found;
  }
}

function exchange(
  answer: URLSearchParams,
  { redirectUrl, verifier }: authorizations.Authorization,
  settings: ConnectSettings,
  fetch: Surroundings["fetch"],
): Promise<Grant> {
  const code = answer.get("code");
  if (answer.has("error") || !code) {
    throw denied(answer, [settings.clientSecret, answer.get("state") ?? "", code ?? "", verifier ?? ""]);
  }
  return exchangeCode(settings, { code, redirectUrl, verifier }, sender(names, fetch, settings.timeoutMs));
}

/** @param secrets that Gazelle knows, and could repeat */
function denied(answer: URLSearchParams, secrets: string[]): Problem {
  const said = [answer.get("error"), answer.get("error_description")].filter(Boolean).join(": ");
  return problem("consent_denied", "Gazelle sent no code: access was not granted", {
    // Only printable ASCII: anybody can put anything into an address.
    details: remover(secrets)(said).replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 200) || null,
    hint: "Begin again, sign in to Gazelle as an administrator, and agree.",
  });
}

function methodNotAllowed(): Response {
  const wrong = problem("request_invalid", "a connection is begun by POST", {
    hint: "Send a POST request.",
  });
  return Response.json({ error: partsOf(wrong) }, { status: 405, headers: { allow: "GET, POST" } });
}

/** The address of the page contains code and state, so it must be neither cached nor sent on as a referrer. */
function page(status: number, lines: (string | null)[]): Response {
  return new Response(lines.filter(Boolean).join("\n") + "\n", {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
  });
}
