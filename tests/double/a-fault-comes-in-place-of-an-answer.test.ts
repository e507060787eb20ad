import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert";
import type { FaultOrder } from "../../gazelle-double/orders.ts";
import { ask, double, post } from "./client.ts";

const CLIENTS =
  "query Clients($first: Int, $after: String) { allClients(first: $first, after: $after) { nodes { id } " +
  "pageInfo { endCursor } } }";
const PIANOS = "{ allPianos(first: 1) { nodes { id } } }";

const STATUSES: [FaultOrder, number][] = [
  [{ kind: "unauthorized" }, 401],
  [{ kind: "forbidden" }, 403],
  [{ kind: "server_error" }, 500],
  [{ kind: "server_error", status: 502 }, 502],
  [{ kind: "server_error", status: 503 }, 503],
];

for (const [fault, status] of STATUSES) {
  Deno.test(`${fault.kind} answers ${status} once, to the field that was named`, async () => {
    await using gazelle = await double();
    gazelle.order({ ...fault, field: "allClients" } as FaultOrder);
    strictEqual(await statusOf(gazelle, PIANOS), 200);
    strictEqual(await statusOf(gazelle, CLIENTS), status);
    strictEqual(await statusOf(gazelle, CLIENTS), 200);
  });
}

Deno.test("too_many_requests says when to come back: in seconds, at a date, or not at all", async () => {
  await using gazelle = await double();
  for (const retryAfter of [2, "Mon, 19 Jan 2026 10:00:00 GMT", null]) {
    gazelle.order({ kind: "too_many_requests", retryAfter });
    const answer = await post(gazelle, CLIENTS);
    await answer.body?.cancel();
    strictEqual(answer.status, 429);
    strictEqual(answer.headers.get("retry-after"), retryAfter === null ? null : String(retryAfter));
  }
});

Deno.test("a fault waits for its page and happens as often as ordered", async () => {
  await using gazelle = await double();
  gazelle.order({ kind: "server_error", field: "allClients", page: 2, times: 2 });
  const { data } = await ask(gazelle, CLIENTS, { first: 50 });
  const second = { first: 50, after: data.allClients?.pageInfo.endCursor };
  strictEqual(await statusOf(gazelle, CLIENTS, second), 500);
  strictEqual(await statusOf(gazelle, CLIENTS, { first: 50 }), 200, "page 1 goes through");
  strictEqual(await statusOf(gazelle, CLIENTS, second), 500);
  strictEqual(await statusOf(gazelle, CLIENTS, second), 200);
});

Deno.test("a fault lets as many requests go by as ordered", async () => {
  await using gazelle = await double();
  gazelle.order({ kind: "server_error", field: "allClients", skip: 2 });
  const statuses = [];
  for (const query of [CLIENTS, PIANOS, CLIENTS, CLIENTS, CLIENTS]) {
    statuses.push(await statusOf(gazelle, query));
  }
  deepStrictEqual(statuses, [200, 200, 200, 500, 200], "those that it does not fit do not count");
});

Deno.test("a timeout sends nothing until the client hangs up", async () => {
  await using gazelle = await double();
  gazelle.order({ kind: "timeout" });
  const hangUp = new AbortController();
  const hanging = post({ ...gazelle, signal: hangUp.signal }, CLIENTS);
  await until(async () => (await control(gazelle, "faults")).length === 0);
  deepStrictEqual(await control(gazelle, "log"), [], "not answered");
  hangUp.abort();
  await rejects(hanging, { name: "AbortError" });
  await until(async () => (await control(gazelle, "log")).length === 1);
});

Deno.test("a timeout held for a while then answers, and none outlives the double", async () => {
  const gazelle = await double();
  gazelle.order({ kind: "timeout", holdMs: 5 });
  strictEqual(await statusOf(gazelle, CLIENTS), 200);
  gazelle.order({ kind: "timeout" });
  const hanging = post(gazelle, CLIENTS).then((answer) => answer.text());
  await until(async () => (await control(gazelle, "faults")).length === 0);
  await gazelle.stop();
  await rejects(hanging);
});

Deno.test("a cut connection ends in the middle of a good body", async () => {
  await using gazelle = await double();
  gazelle.order({ kind: "cut" });
  const answer = await post(gazelle, CLIENTS);
  strictEqual(answer.status, 200);
  await rejects(answer.text());
});

Deno.test("malformed JSON comes with status 200", async () => {
  await using gazelle = await double();
  gazelle.order({ kind: "malformed_json" });
  const answer = await post(gazelle, CLIENTS);
  strictEqual(answer.status, 200);
  await rejects(answer.json(), SyntaxError);
});

Deno.test("orders are listed, cleared, and a wrong one is refused with what is allowed", async () => {
  await using gazelle = await double();
  const faults = `${gazelle.controlUrl}/faults`;
  const order = async (body: unknown) => {
    const answer = await fetch(faults, { method: "POST", body: JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  };
  strictEqual((await order({ kind: "cut", field: "allClients", times: 3 })).status, 201);
  const listed = await (await fetch(faults)).json();
  deepStrictEqual(listed, [{ id: 1, left: 3, fault: { kind: "cut", field: "allClients", times: 3 } }]);
  await fetch(faults, { method: "DELETE" });
  deepStrictEqual(await (await fetch(faults)).json(), []);

  const cases: [unknown, RegExp, RegExp][] = [
    [{ kind: "explode" }, /"explode"/, /unauthorized.*malformed_record/],
    [{ kind: "cut", field: "allDogs" }, /cut/, /field, page, times/],
    [{ kind: "server_error", status: 418 }, /server_error/, /status/],
    [{ kind: "cut", colour: "red" }, /cut/, /field, page, times/],
    [{ kind: "delete", id: "cli_0000000000000000" }, /no record cli_0000000000000000/, /query/],
    [null, /undefined/, /unauthorized/],
  ];
  for (const [body, message, hint] of cases) {
    const refused = await order(body);
    strictEqual(refused.status, 400);
    deepStrictEqual(Object.keys(refused.body), ["code", "message", "details", "hint"]);
    match(refused.body.message, message);
    match(refused.body.hint, hint);
  }
});

Deno.test("the log shows what was asked, and no credentials", async () => {
  await using gazelle = await double();
  gazelle.order({ kind: "forbidden", field: "allClients", page: 1 });
  await statusOf(gazelle, CLIENTS, { first: 5, after: null });
  const form = { grant_type: "refresh_token", refresh_token: gazelle.refreshToken };
  const answer = await fetch(gazelle.tokenUrl, { method: "POST", body: new URLSearchParams(form) });
  await answer.body?.cancel();
  const text = await (await fetch(`${gazelle.controlUrl}/log`)).text();
  deepStrictEqual(JSON.parse(text), [
    {
      number: 1,
      path: "/graphql/private/",
      operation: "Clients",
      fields: ["allClients"],
      pages: [1],
      variables: ["first", "after"],
      status: 403,
      fault: "forbidden",
    },
    {
      number: 2,
      path: "/developer/oauth/token",
      operation: null,
      fields: [],
      pages: [],
      variables: [],
      status: 401,
      fault: null,
    },
  ]);
  ok(
    ![gazelle.accessToken, gazelle.refreshToken, gazelle.clientSecret].some((secret) =>
      text.includes(secret)
    ),
  );
});

async function statusOf(
  server: { url: string; accessToken: string },
  query: string,
  variables?: Record<string, unknown>,
): Promise<number> {
  const answer = await post(server, query, variables);
  await answer.body?.cancel();
  return answer.status;
}

async function control(gazelle: { controlUrl: string }, room: "faults" | "log"): Promise<unknown[]> {
  return await (await fetch(`${gazelle.controlUrl}/${room}`)).json();
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!await holds());
}
