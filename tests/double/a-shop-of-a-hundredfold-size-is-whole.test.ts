import { deepStrictEqual, notStrictEqual, ok, strictEqual } from "node:assert";
import { cursorOf } from "../../gazelle-double/paging.ts";
import { ask, double } from "./client.ts";

const SIZES = { allClients: 134_400, allPianos: 103_100, allTimelineEntries: 2_386_900 };

Deno.test("at a hundred times the size, pages at both ends and in the middle are whole", async () => {
  await using gazelle = await double({ scale: 100 });
  for (const [list, size] of Object.entries(SIZES)) {
    const seen = new Set<string>();
    for (const from of [0, Math.floor(size / 2), size - 100]) {
      const after = from === 0 ? null : cursorOf(from - 1);
      const query = `query ($after: String) { ${list}(first: 100, after: $after) {
        totalCount nodes { id } pageInfo { hasNextPage } } }`;
      const page = (await ask(gazelle, query, { after })).data[list]!;
      strictEqual(page.totalCount, size);
      strictEqual(page.pageInfo.hasNextPage, from + 100 < size);
      for (const { id } of page.nodes) seen.add(id);
    }
    strictEqual(seen.size, 300, list);
  }
});

Deno.test("a record at the far end is found by its id, with its links both ways", async () => {
  await using gazelle = await double({ scale: 100 });
  const last = `{ allTimelineEntries(last: 1) { nodes { id occurredAt piano { id } client { id } } } }`;
  const entry = (await ask(gazelle, last)).data.allTimelineEntries!.nodes[0]!;
  notStrictEqual(entry.client.id, null);
  const own = `{ allTimelineEntries(clientId: "${entry.client.id}", last: 1) { nodes { id } } }`;
  deepStrictEqual((await ask(gazelle, own)).data.allTimelineEntries!.nodes, [{ id: entry.id }]);
});

Deno.test("the institutions keep their 141 pianos at any size", async () => {
  await using gazelle = await double({ scale: 100 });
  const { data } = await ask<{ client: { companyName: string; allPianos: { totalCount: number } } }>(
    gazelle,
    '{ client(id: "cli_9UMLkteep8EsISbG") { companyName allPianos { totalCount } } }',
  );
  deepStrictEqual(data.client, { companyName: "École Vincent-d'Indy", allPianos: { totalCount: 121 } });
});

Deno.test("a moment leads to exactly its entries", async () => {
  await using gazelle = await double({ scale: 100 });
  const entries = "totalCount nodes { occurredAt }";
  const newest = (await ask(gazelle, `{ allTimelineEntries(first: 500) { ${entries} } }`)).data
    .allTimelineEntries!;
  const moment = String(newest.nodes[300]!.occurredAt);
  const query = `{ allTimelineEntries(first: 500, occurredAtGet: "${moment}") { ${entries} } }`;
  const { totalCount, nodes } = (await ask(gazelle, query)).data.allTimelineEntries!;
  deepStrictEqual(nodes, newest.nodes.filter(({ occurredAt }) => String(occurredAt) >= moment));
  ok(totalCount === nodes.length && totalCount > 300 && totalCount < 400);
});
