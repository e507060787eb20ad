import assert from "node:assert/strict";
import { proxy } from "../fixtures/proxy.ts";
import { smallShop, sync } from "../fixtures/syncing.ts";

type PageInfo = { hasNextPage: boolean; endCursor: string | null };
type List = { nodes: Record<string, unknown>[]; totalCount: number; pageInfo: PageInfo };
type Data = Record<string, List & Record<string, List>>;

const client = "cli_9UMLkteep8EsISbG";
let cursors = 0;
const further = (
  list: List,
  endCursor = btoa(String(1 + (cursors++ % 2))).replaceAll("=", ""),
) => (list.pageInfo = { hasNextPage: true, endCursor });

/** What Gazelle answers, the stream that reads it, and at most how many requests that may take. */
const endless: [what: string, stream: string, most: number, (data: Data) => void][] = [
  ["the first page comes after the last", "clients", 40, ({ allClients: list }) => {
    if (!list!.pageInfo.hasNextPage) further(list!, "NTA");
  }],
  ["empty pages come after the last", "pianos", 10, ({ allPianos: list }) => {
    if (list!.pageInfo.hasNextPage) return;
    further(list!);
    list!.nodes = [];
  }],
  ["the list of a client stays at its cursor", "contacts", 12, ({ allClients, client: one }) => {
    for (const owner of [...allClients?.nodes ?? [], ...one ? [one] : []]) {
      if (one || owner["id"] === client) further(owner["allContacts"] as List, "MTk");
    }
  }],
  ["the list of a client has more and more", "contacts", 50, ({ allClients, client: one }) => {
    for (const owner of [...allClients?.nodes ?? [], ...one ? [one] : []]) {
      if (one || owner["id"] === client) further(owner["allContacts"] as List);
    }
  }],
];

for (const [what, stream, most, change] of endless) {
  Deno.test(`${what}: the run fails after a few requests, and people are told`, async () => {
    await using gazelle = proxy<Data>(change);
    await using platform = await smallShop({ GAZELLE_GRAPHQL_URL: gazelle.url });
    gazelle.lead(platform.double.url);
    const { status, body } = await sync(platform, stream);
    assert.deepEqual([status, body.status, body.error?.code], [502, "failed", "gazelle_malformed"]);
    assert.match(body.error?.message ?? "", /pages of .* do not end|pages do not end/);
    assert.ok(gazelle.requests() <= most, `${gazelle.requests()} requests`);
    const alerts = await platform.sql`select kind from sync.alerts where resolved_at is null`;
    assert.deepEqual(alerts.map(({ kind }) => kind), ["run_failed"]);
  });
}

Deno.test("pages of which nothing is kept, without end: the calls end in time, and then the run", async () => {
  await using gazelle = proxy<Data>(({ allEventsBatched: list }) => {
    further(list!);
    for (const node of list!.nodes) node["status"] = "CANCELED";
  });
  await using platform = await smallShop({ GAZELLE_GRAPHQL_URL: gazelle.url });
  const { sql } = platform;
  gazelle.lead(platform.double.url);
  await sql`update sync.settings set slice_milliseconds = 0`;
  for (let call = 0; call < 22; call++) {
    const { body } = await sync(platform, "appointments");
    assert.equal(body.status, "paused", JSON.stringify(body.error));
  }
  const [run] = await sql`select id, idle_slices from sync.runs`;
  assert.equal(run?.idle_slices, 20);
  assert.equal(gazelle.requests(), 22, "a page a call");
  await sync(platform, "appointments");
  const [failed] = await sql`select status, error ->> 'code' as code from sync.runs where id = ${run!.id}`;
  assert.deepEqual({ ...failed }, { status: "failed", code: "run_stalled" });
  assert.deepEqual((await sql`select kind from sync.alerts`).map(({ kind }) => kind), ["run_failed"]);
});
