import { match, strictEqual } from "node:assert";
import { ask, double, post } from "./client.ts";

Deno.test("a field that Gazelle does not have is refused as Gazelle refuses it", async () => {
  await using gazelle = await double();
  const { status, data, errors } = await ask(gazelle, "{ allClients { nodes { id nickname } } }");
  strictEqual(status, 200);
  strictEqual(data, undefined);
  strictEqual(errors[0]?.message, "Field 'nickname' doesn't exist on type 'PrivateClient'");
  strictEqual(errors[0]?.extensions?.code, "undefinedField");
});

Deno.test("arguments and variables are checked against the real schema", async () => {
  await using gazelle = await double();
  const wrong = [
    "{ allClients(limit: 10) { totalCount } }",
    "{ allClients(filters: { status: [SLEEPING] }) { totalCount } }",
    '{ allClients(filters: { updatedAtGet: "2026-01-01" }) { totalCount } }',
    "{ allClients(sortBy: [UPDATED_AT_DESC]) { totalCount } }",
    '{ allClients(filters: { createdGet: "yesterday" }) { totalCount } }',
    '{ allTimelineEntries(occurredAtGet: "2026-01-01") { totalCount } }',
    "{ allClients { nodes { tags { name } } } }",
    "{ allClients }",
    "mutation { deleteClient(id: 1) { id } }",
  ];
  for (const query of wrong) {
    const { data, errors } = await ask(gazelle, query);
    strictEqual(data ?? null, null, query);
    strictEqual(typeof errors[0]?.message, "string", query);
  }
});

Deno.test("a filter or an order that the double lacks is refused, never ignored", async () => {
  await using gazelle = await double();
  const lacking = {
    "allClients(filters: { isPaused: true })": /isPaused.*allClients/,
    "allPianos(filters: { yearGet: 1900 })": /yearGet.*allPianos/,
    'allEventsBatched(filters: { startOn: "2026-01-01" })': /startOn/,
    'allTimelineEntries(search: "PLS")': /search.*allTimelineEntries/,
    "allClients(sortBy: [CITY_ASC])": /CITY_ASC/,
  };
  for (const [call, message] of Object.entries(lacking)) {
    const { errors } = await ask(gazelle, `{ ${call} { totalCount } }`);
    strictEqual(errors[0]?.extensions?.code, "notImplemented", call);
    match(String(errors[0]?.message), message);
    match(String(errors[0]?.extensions?.hint), /^(Filter|Sort) by /);
  }
});

Deno.test("a body that is no GraphQL request answers 400", async () => {
  await using gazelle = await double();
  const headers = { authorization: `Bearer ${gazelle.accessToken}`, "content-type": "application/json" };
  const answer = await fetch(gazelle.url, { method: "POST", headers, body: "{" });
  strictEqual(answer.status, 400);
  await answer.body?.cancel();
  const empty = await post(gazelle, "");
  match(await empty.text(), /Missing query|Syntax Error/);
});
