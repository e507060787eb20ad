import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import { ask, double, readAll, type Row } from "./client.ts";

const PAGE = `query ($first: Int, $after: String) { list: allPianos(first: $first, after: $after) {
  totalCount edges { cursor node { id location tags client { id companyName } } } pageInfo { endCursor } } }`;

Deno.test("field_error nulls the field of the named records and says where", async () => {
  await using gazelle = await double();
  const sound = (await ask(gazelle, PAGE, { first: 4 })).data.list!;
  const named = sound.edges[2]!.node.id;
  gazelle.order({ kind: "field_error", field: "allPianos", records: [0, named], path: "location" });
  const { status, data, errors } = await ask(gazelle, PAGE, { first: 4 });
  strictEqual(status, 200);
  deepStrictEqual(
    data.list!.edges.map(({ node }) => node.location),
    sound.edges.map(({ node }, place) => place % 2 === 0 ? null : node.location),
  );
  deepStrictEqual(
    errors.map(({ path }) => path),
    [0, 2].map((place) => ["list", "edges", place, "node", "location"]),
  );
  deepStrictEqual((await ask(gazelle, PAGE, { first: 4 })).errors, []);
});

Deno.test("field_error reaches linked records; under a field that is never null the record is null", async () => {
  await using gazelle = await double();
  gazelle.order({ kind: "field_error", field: "allPianos", path: "client.companyName" });
  const linked = await ask(gazelle, PAGE, { first: 2 });
  deepStrictEqual(linked.errors[0]?.path, ["list", "edges", 0, "node", "client", "companyName"]);
  ok(linked.data.list!.edges[0]!.node.client.id);
  gazelle.order({ kind: "field_error", field: "allPianos", records: [1], path: "tags" });
  const { data, errors } = await ask(gazelle, PAGE, { first: 2 });
  deepStrictEqual(errors[0]?.path, ["list", "edges", 1, "node", "tags"]);
  strictEqual(data.list!.edges[1]!.node, null);
  ok(data.list!.edges[0]!.node.id);
});

Deno.test("field_error reaches a record of a list that hangs on a record", async () => {
  await using gazelle = await double();
  const query = "{ allClients(first: 2) { nodes { allContacts { nodes { id lastName } } } } }";
  gazelle.order({
    kind: "field_error",
    field: "allClients",
    records: [1],
    path: "allContacts.nodes.0.lastName",
  });
  const { data, errors } = await ask<{ allClients: { nodes: { allContacts: { nodes: Row[] } }[] } }>(
    gazelle,
    query,
  );
  deepStrictEqual(errors.map(({ path }) => path), [[
    "allClients",
    "nodes",
    1,
    "allContacts",
    "nodes",
    0,
    "lastName",
  ]]);
  const contacts = data.allClients.nodes.map(({ allContacts }) => allContacts.nodes[0]!);
  ok(contacts[0]!.lastName && contacts[1]!.id);
  strictEqual(contacts[1]!.lastName, null);
});

Deno.test("malformed_record breaks one record as ordered, on its page", async () => {
  await using gazelle = await double();
  const first = (await ask(gazelle, PAGE, { first: 3 })).data.list!;
  const field = "allPianos";
  gazelle.order({ kind: "malformed_record", field, page: 2, record: 1 });
  gazelle.order({ kind: "malformed_record", field, record: 0, path: "tags", value: 17 });
  gazelle.order({
    kind: "malformed_record",
    field,
    record: first.edges[1]!.node.id,
    path: "location",
    value: "a\u0000b",
  });
  gazelle.order({ kind: "malformed_record", field, record: 2, path: ".", value: null });
  const one = (await ask(gazelle, PAGE, { first: 3 })).data.list!.edges;
  deepStrictEqual([one[0]?.node.tags, one[1]?.node.location, one[2]?.node], [17, "a\u0000b", null]);
  ok(one[1]?.node.id, "the order for page 2 waits");
  const two = (await ask(gazelle, PAGE, { first: 3, after: first.pageInfo.endCursor })).data.list!.edges;
  deepStrictEqual(two.map(({ node }) => "id" in node), [true, false, true]);
});

Deno.test("a record that is read by itself fails and breaks like those of a list", async () => {
  await using gazelle = await double();
  const { data: { list } } = await ask(gazelle, PAGE, { first: 1 });
  const query = "query One($id: String!) { piano(id: $id) { id location } }";
  const one = (variables: object) =>
    ask<{ piano: Record<string, unknown> }>(gazelle, query, { id: list!.edges[0]!.node.id, ...variables });
  gazelle.order({ kind: "field_error", field: "piano", path: "location" });
  const failed = await one({});
  deepStrictEqual([failed.data.piano.location, failed.errors[0]?.path], [null, ["piano", "location"]]);
  gazelle.order({ kind: "malformed_record", field: "piano", path: "location", value: 7 });
  gazelle.order({ kind: "malformed_record", field: "piano", path: "id" });
  deepStrictEqual((await one({})).data.piano, { location: 7 });
  gazelle.order({ kind: "malformed_record", field: "piano" });
  deepStrictEqual((await one({ id: "ins_0000000000000000" })).data.piano, null);
});

Deno.test("subset shows what a technician's token sees, and totalCount fits it", async () => {
  await using gazelle = await double();
  const all = (await readAll(gazelle, "allPianos", "id client { id }")).records;
  gazelle.order({ kind: "subset", share: 0.6 });
  const { records, totals } = await readAll(gazelle, "allPianos", "id client { id }", { size: 100 });
  const clients = (await readAll(gazelle, "allClients")).records.map(({ id }) => id);
  deepStrictEqual([...totals], [records.length]);
  ok(records.length > 300 && records.length < all.length);
  ok(clients.length > 600 && clients.length < 1_000);
  deepStrictEqual(
    records.map(({ id }) => id),
    all.filter((row) => clients.includes(row.client.id)).map(({ id }) => id),
  );
  const { data } = await ask<{ user: Row; client: Row | null }>(
    gazelle,
    "query ($id: String) { user { id accessLevel } client(id: $id) { id } }",
    { id: all.find((row) => !clients.includes(row.client.id))?.client.id },
  );
  deepStrictEqual([data.user.accessLevel, data.client], ["TECHNICIAN", null]);
  await fetch(`${gazelle.controlUrl}/faults`, { method: "DELETE" });
  strictEqual((await readAll(gazelle, "allPianos")).records.length, 1_031);
});

Deno.test("shift moves the records between two pages", async () => {
  await using gazelle = await double({ scale: 0.2 });
  const whole = (await readAll(gazelle, "allClients")).records.map(({ id }) => id);
  gazelle.order({ kind: "shift", field: "allClients", page: 2 });
  const lost = await readAll(gazelle, "allClients", "id", { size: 100 });
  deepStrictEqual(
    lost.records.map(({ id }) => id),
    whole.filter((_, place) => place !== 100),
    "one was never seen",
  );
  deepStrictEqual([...lost.totals], [269, 268]);
  gazelle.order({ kind: "shift", field: "allClients", page: 2, change: "insert" });
  const twice = (await readAll(gazelle, "allClients", "id", { size: 100 })).records.map(({ id }) => id);
  deepStrictEqual(
    [twice.length, new Set(twice).size, twice[99]],
    [269, 268, twice[100]],
    "one was seen twice",
  );
});

Deno.test("expired, missing and revoked tokens", async () => {
  await using gazelle = await double();
  gazelle.order({ kind: "expired_token", field: "allClients", page: 2 });
  const clients = "query ($after: String) { allClients(first: 9, after: $after) { pageInfo { endCursor } } }";
  const { data } = await ask(gazelle, clients);
  strictEqual((await ask(gazelle, clients, { after: data.allClients!.pageInfo.endCursor })).status, 401);
  strictEqual((await ask(gazelle, clients)).status, 401);
  gazelle.order({ kind: "no_refresh_token" });
  const { clientId, clientSecret, refreshToken } = gazelle;
  const form = {
    grant_type: "refresh_token",
    client_id: clientId,
    client_secret: clientSecret,
    refresh_token: refreshToken,
  };
  const refresh = async () =>
    await (await fetch(gazelle.tokenUrl, { method: "POST", body: new URLSearchParams(form) })).json();
  const without = await refresh();
  ok(!("refresh_token" in without));
  strictEqual((await ask({ ...gazelle, accessToken: without.access_token }, clients)).status, 200);
  ok("refresh_token" in await refresh(), "the old one still works, and once only it was left out");
  gazelle.order({ kind: "server_error", field: "token" });
  strictEqual(
    (await fetch(gazelle.tokenUrl, { method: "POST", body: new URLSearchParams(form) })).status,
    500,
  );
  gazelle.order({ kind: "revoked_refresh_token" });
  deepStrictEqual((await refresh()).error, "invalid_grant");
});

Deno.test("order refuses what cannot be, in the same words as over HTTP", async () => {
  await using gazelle = await double();
  throws(
    () => gazelle.order({ kind: "edit", id: "cli_9UMLkteep8EsISbG", fields: { colour: "red" } }),
    /colour.*\n.*tags/s,
  );
  throws(
    () => gazelle.order({ kind: "merge", from: "cli_9UMLkteep8EsISbG", into: "cli_9UMLkteep8EsISbG" }),
    /merged/,
  );
  throws(() => gazelle.order({ kind: "shift", field: "allClients", page: 1 }), /page/);
});
