import assert from "node:assert/strict";
import { once } from "node:events";
import { appendFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { FaultOrder } from "../../gazelle-double/orders.ts";
import type { TestPlatform } from "../fixtures/platform.ts";
import { begin, consent, tokensInVault, unconnected } from "../fixtures/connecting.ts";
import { clearFaults, smallShop } from "../fixtures/syncing.ts";
import { everyLog, everyTable, leaks, serverLog, type Told } from "./telling.ts";

Deno.test("through good runs, faults and failures no secret is in an answer, a log or a table", async () => {
  await using platform = await smallShop({ GAZELLE_RETRIES: "0", GAZELLE_TIMEOUT_MS: "300" });
  const secrets: Record<string, string> = await plant(platform);
  const told: Told[] = [];
  const call = async (name: string, body?: string) => {
    const headers = { apikey: platform.cronKey };
    told.push(await answerOf(`${platform.url}/functions/v1/${name}`, { method: "POST", headers, body }));
    for (const [kind, token] of Object.entries(await tokensInVault(platform))) {
      if (token) secrets[`${kind} ${token.slice(0, 4)}`] = token;
    }
  };

  await call("sync-all");
  const faults: FaultOrder[] = [
    { kind: "expired_token" },
    { kind: "unauthorized", times: "always" },
    { kind: "server_error" },
    { kind: "malformed_json" },
    { kind: "cut" },
    { kind: "timeout" },
    { kind: "subset", field: "allClients" },
    { kind: "malformed_record", field: "allClients", record: 1, path: "id", value: 7 },
    { kind: "field_error", field: "allClients", path: "tags" },
  ];
  for (const fault of faults) {
    platform.double.order(fault);
    await call("sync-clients");
    await clearFaults(platform);
  }
  for (const kind of ["server_error", "malformed_json", "cut", "timeout", "no_refresh_token"] as const) {
    platform.double.order({ kind: "expired_token" });
    platform.double.order({ kind, field: "token" });
    await call("sync-clients");
    await clearFaults(platform);
  }
  platform.double.order({ kind: "revoked_refresh_token" });
  await platform.sql`update gazelle.token set renew_at = clock_timestamp()`;
  await call("sync-pianos");
  await call("sync-clients", '{"dry_run": true}');
  await call("detect-pls");
  Object.assign(secrets, await goToGazelle(platform, told));
  told.push(...await everythingKept(platform));

  assert.ok(Object.keys(secrets).length > 15, "as many tokens as were given");
  assert.deepEqual(leaks(secrets, told), []);

  // What looks for them finds them.
  const [name, secret] = Object.entries(secrets)[0]!;
  await platform.sql`update sync.settings set run_link = ${`https://x.test/{run}?key=${secret}`}`;
  await appendFile(`${platform.folder}/log/functions.log`, btoa(secret));
  assert.deepEqual(leaks(secrets, await everythingKept(platform)).sort(), [
    `${name} in log functions.log`,
    `${name} in table sync.settings`,
  ]);
});

Deno.test("a Gazelle that repeats what it was told in confidence: not in an answer, a log or a table", async () => {
  await using parrot = await repeating();
  const key = "planted-api/key+of-the-shop";
  await using keyed = await smallShop({
    GAZELLE_API_KEY: key,
    GAZELLE_GRAPHQL_URL: parrot.url,
    GAZELLE_RETRIES: "0",
  });
  await using platform = await unconnected({
    GAZELLE_CLIENT_SECRET: "planted-client-secret",
    GAZELLE_GRAPHQL_URL: parrot.url,
    GAZELLE_TOKEN_URL: parrot.url,
    GAZELLE_REFRESH_TOKEN: "planted-refresh-token",
    GAZELLE_RETRIES: "0",
  });
  const told: Told[] = [];
  const secrets = { key, client: "planted-client-secret", refresh: "planted-refresh-token" };
  for (const way of ways) {
    parrot.way = way;
    for (const { url, cronKey } of [keyed, platform]) {
      const headers = { apikey: cronKey };
      told.push(await answerOf(`${url}/functions/v1/sync-clients`, { method: "POST", headers }));
    }
    const begun = await begin(platform);
    const state = new URL(begun.url).searchParams.get("state")!;
    const code = `planted-code-${ways.indexOf(way)}`;
    Object.assign(secrets, { [code]: code, [`state ${code}`]: state });
    told.push(await answerOf(`${platform.url}/functions/v1/connect-gazelle?state=${state}&code=${code}`, {}));
  }
  for (const one of [keyed, platform]) told.push(...await everythingKept(one));
  const said = told.filter(({ text }) => /You said( |%20)(\[|%5B)secret(\]|%5D)/i.test(text));
  assert.ok(said.some(({ place }) => place.startsWith("answer 502")), "it did repeat them");
  assert.ok(said.some(({ place }) => place === "table gazelle_clients"), "in a client's notes too");
  assert.deepEqual(leaks(secrets, told), []);
});

/** Secrets that can be told from anything else, and those of the platform. */
async function plant(
  { sql, database, double, secretKey, cronKey }: TestPlatform,
): Promise<Record<string, string>> {
  const webhook = "http://127.0.0.1:2/planted/webhook";
  await sql`select vault.create_secret(${webhook}, 'alert_webhook_url')`;
  await sql`select vault.create_secret('planted in vault', 'of somebody else')`;
  const { clientSecret, accessToken, refreshToken } = double;
  // A server that is given to the tests may need none.
  const { password } = new URL(database.url);
  const others = { secretKey, cronKey, webhook, vault: "planted in vault", ...(password && { password }) };
  return { clientSecret, accessToken, refreshToken, ...others };
}

/** A connection that comes about, and one that does not; of each what went over the address. */
async function goToGazelle(platform: TestPlatform, told: Told[]): Promise<Record<string, string>> {
  const secrets: Record<string, string> = {};
  for (const attempt of ["good", "spoilt"]) {
    const begun = await begin(platform);
    const [{ verifier }] = await platform.sql<[{ verifier: string }]>`
      select verifier from gazelle.authorizations where id = ${begun.id}`;
    const back = await consent(begun);
    const code = back.searchParams.get("code")!;
    Object.assign(secrets, {
      [`${attempt} code`]: code,
      [`${attempt} state`]: back.searchParams.get("state")!,
      [`${attempt} verifier`]: verifier,
    });
    if (attempt === "spoilt") platform.double.order({ kind: "server_error", field: "token" });
    told.push(await answerOf(back.href, {}));
  }
  for (const [kind, token] of Object.entries(await tokensInVault(platform))) {
    secrets[`connected ${kind}`] = token;
  }
  return secrets;
}

async function everythingKept({ sql, folder, double }: TestPlatform): Promise<Told[]> {
  const requests = {
    place: "log of the double",
    text: await (await fetch(`${double.controlUrl}/log`)).text(),
  };
  return [...await everyTable(sql), ...await everyLog(`${folder}/log`), ...await serverLog(sql), requests];
}

async function answerOf(url: string, request: RequestInit): Promise<Told> {
  const response = await fetch(url, { redirect: "manual", ...request });
  const headers = JSON.stringify([...response.headers]);
  return {
    place: `answer ${response.status} of ${new URL(url).pathname}`,
    text: headers + await response.text(),
  };
}

/** How a Gazelle repeats what it heard: as which status, and in which notation. */
const ways: { status: number; notation: (text: string) => string }[] = [
  ...[200, 301, 307, 400, 401, 500].map((status) => ({ status, notation: (text: string) => text })),
  { status: 400, notation: (text) => text.replaceAll("p", "\\u0070") },
  { status: 200, notation: (text) => text.replaceAll("p", "\\u0070").replaceAll("/", "\\/") },
  { status: 302, notation: (text) => text.replaceAll("p", "%70") },
  { status: 400, notation: (text) => encodeURIComponent(text) },
  { status: 400, notation: (text) => text.replaceAll("p", "&#x70;") },
  { status: 308, notation: (text) => text.toUpperCase() },
  { status: 400, notation: (text) => text.replace(/\S+$/, btoa) },
];

/** Says in each way that there is what it was told: header, key, form. */
async function repeating() {
  const parrot = { url: "", way: ways[0]! };
  const server = createServer(async (request, response) => {
    const heard = await hear(request);
    const { status, notation } = parrot.way;
    const message = notation(`You said ${heard}`);
    response.writeHead(status, {
      "content-type": "application/json",
      "x-heard": notation(heard),
      location: `https://${heard.split(/[/ ]/)[0]}.example/${message.replaceAll(" ", "%20")}?${
        notation(heard)
      }`,
    });
    const page = JSON.stringify({
      totalCount: 1,
      pageInfo: { hasNextPage: false, endCursor: null },
      nodes: [{ id: "cli_parrot", personalNotes: "NOTE" }],
    }).replace("NOTE", message);
    const errors = status === 200 ? "[]" : `[{ "message": "${message}", "path": ["allClients"] }]`;
    response.end(
      `{ "data": { "allClients": ${page} }, "errors": ${errors}, "error": "${message}",
        "error_description": "${message}" }`,
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  parrot.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((done) => server.close(() => done()));
  };
  return Object.assign(parrot, { [Symbol.asyncDispose]: close });
}

async function hear(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += chunk;
  const { authorization = "", "x-gazelle-api-key": key = "" } = request.headers;
  const form = [...new URLSearchParams(body).values()].join(" ");
  return `${key}${authorization.replace("Bearer ", "")}${body.startsWith("{") ? "" : form}`;
}
