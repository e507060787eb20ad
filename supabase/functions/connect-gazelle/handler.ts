// From a request to a response. POST, with a secret key, begins a connection:
//   200  { id, url, expires_at }: a person who may see everything in Gazelle opens the url within ten minutes
//   400  the request has a body; 405  it is no POST; 401  no secret key (answered before this)
// GET is where Gazelle sends that person back to; it answers a page in plain text, and never leads anywhere else:
//   200  connected: the tokens are in Vault
//   400, 409, 410  the state is not ours, was used, is too old; 403  the person, or Gazelle, did not agree
// Both:
//   500  our own fault: settings, database, a bug
//   502  Gazelle's fault: it cannot be reached, refuses the code, or answers nonsense

import * as authorizations from "../_shared/gazelle/auth/authorizations.ts";
import { statusOf } from "../_shared/gazelle/auth/codes.ts";
import { exchangeCode } from "../_shared/gazelle/auth/token-endpoint.ts";
import type { Grant } from "../_shared/gazelle/auth/token-store.ts";
import { names } from "../_shared/gazelle/names.ts";
import { type ConnectSettings, readConnectSettings } from "../_shared/gazelle/settings.ts";
import { asProblem, partsOf, type Problem, problem } from "../_shared/problem.ts";
import type { Database } from "../_shared/sync/database.ts";
import { sender } from "../_shared/sync/requests.ts";
import type { Environment } from "../_shared/sync/settings.ts";

type Dependencies = { database: Database; fetch: typeof fetch; env: Environment };

export type Beginning = Dependencies & {
  /** A new random text at each call. */
  secret: () => string;
  /** What goes on record: the name of the key. */
  begunBy: string;
};

export async function begin(request: Request, dependencies: Beginning): Promise<Response> {
  try {
    if (request.method !== "POST") return methodNotAllowed();
    await refuseOptions(request);
    const { database, env, secret, begunBy } = dependencies;
    const settings = readConnectSettings(env);
    const begun = await authorizations.beginAuthorization(database, settings, secret, begunBy);
    return Response.json(begun, { headers: { "cache-control": "no-store" } });
  } catch (thrown) {
    const found = logged(asProblem(thrown));
    return Response.json({ error: partsOf(found) }, { status: statusOf(found.code) });
  }
}

export async function finish(request: Request, dependencies: Dependencies): Promise<Response> {
  try {
    await connect(new URL(request.url).searchParams, dependencies);
    return page(200, ["Gazelle is connected.", "You may close this page."]);
  } catch (thrown) {
    const { code, message, details, hint } = partsOf(logged(asProblem(thrown)));
    return page(statusOf(code), ["Gazelle is not connected.", `${message} (${code})`, details, hint]);
  }
}

async function connect(answer: URLSearchParams, { database, fetch, env }: Dependencies): Promise<void> {
  const begun = await authorizations.takeAuthorization(database, answer.get("state") ?? "");
  try {
    const settings = readConnectSettings(env);
    const grant = await exchange(answer, begun, settings, fetch);
    await authorizations.keepGrant(database, begun.id, grant, settings.refreshToken);
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
  fetch: Dependencies["fetch"],
): Promise<Grant> {
  const code = answer.get("code");
  if (answer.has("error") || !code) throw denied(answer);
  return exchangeCode(settings, { code, redirectUrl, verifier }, sender(names, fetch, settings.timeoutMs));
}

function denied(answer: URLSearchParams): Problem {
  const said = [answer.get("error"), answer.get("error_description")].filter(Boolean).join(": ");
  return problem("consent_denied", "Gazelle sent no code: access was not granted", {
    // As an address may have it: anybody can have put it there.
    details: said.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 200) || null,
    hint: "Begin again, sign in to Gazelle as an administrator, and agree.",
  });
}

async function refuseOptions(request: Request): Promise<void> {
  const text = (await request.text()).trim();
  if (text === "" || text === "{}") return;
  throw problem("request_invalid", "connect-gazelle takes no options", {
    hint: "Send a POST without a body.",
  });
}

function methodNotAllowed(): Response {
  const refused = problem("request_invalid", "a connection is begun by POST", {
    hint: "Send a POST request.",
  });
  return Response.json({ error: partsOf(refused) }, { status: 405, headers: { allow: "GET, POST" } });
}

/** The address of the page holds code and state: nobody else is told it, and nothing keeps it. */
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

function logged(found: Problem): Problem {
  console.error(JSON.stringify({ function: "connect-gazelle", ...partsOf(found) }));
  if (found.code === "internal") console.error(found.cause);
  return found;
}
