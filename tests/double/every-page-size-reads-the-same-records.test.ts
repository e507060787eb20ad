import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { ask, double, readAll } from "./client.ts";

const LIST = "allPianos";

Deno.test("every page size reads the same records in the same order, each once", async () => {
  await using gazelle = await double({ scale: 0.2 });
  const whole = (await readAll(gazelle, LIST)).records.map(({ id }) => id);
  strictEqual(whole.length, gazelle.shop.counts.piano);
  for (const size of [1, 7, 100, whole.length]) {
    const { records, pages } = await readAll(gazelle, LIST, "id", { size });
    deepStrictEqual(records.map(({ id }) => id), whole);
    strictEqual(pages, Math.ceil(whole.length / size));
  }
});

Deno.test("edges, nodes, cursors and pageInfo agree", async () => {
  await using gazelle = await double({ scale: 0.2 });
  const { data } = await ask(
    gazelle,
    `{ ${LIST}(first: 3) { edges { cursor node { id } } nodes { id }
      pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } }`,
  );
  const { edges, nodes, pageInfo } = data[LIST]!;
  deepStrictEqual(edges.map(({ node }) => node.id), nodes.map(({ id }) => id));
  deepStrictEqual(pageInfo, {
    startCursor: edges[0]?.cursor,
    endCursor: edges[2]?.cursor,
    hasNextPage: true,
    hasPreviousPage: false,
  });
});

Deno.test("last and before read backwards", async () => {
  await using gazelle = await double({ scale: 0.2 });
  const whole = (await readAll(gazelle, LIST)).records.map(({ id }) => id);
  const page = "edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage }";
  const end = (await ask(gazelle, `{ ${LIST}(last: 4) { ${page} } }`)).data[LIST]!;
  deepStrictEqual(end.nodes.map(({ id }) => id), whole.slice(-4));
  const cursor = end.edges[0]?.cursor;
  const before = (await ask(gazelle, `{ ${LIST}(last: 2, before: "${cursor}") { ${page} } }`)).data[LIST]!;
  deepStrictEqual(before.nodes.map(({ id }) => id), whole.slice(-6, -4));
  ok(before.pageInfo.hasNextPage && before.pageInfo.hasPreviousPage);
});

Deno.test("a page after the last one is empty; a page of none still counts", async () => {
  await using gazelle = await double({ scale: 0.2 });
  const end =
    (await ask(gazelle, `{ ${LIST}(last: 1) { pageInfo { endCursor } } }`)).data[LIST]!.pageInfo.endCursor;
  const after = (await ask(gazelle, `{ ${LIST}(first: 5, after: "${end}") { nodes { id } totalCount } }`))
    .data[LIST]!;
  deepStrictEqual(after, { nodes: [], totalCount: gazelle.shop.counts.piano });
  const none = (await ask(gazelle, `{ ${LIST}(first: 0) { nodes { id } totalCount } }`)).data[LIST]!;
  deepStrictEqual(none, { nodes: [], totalCount: gazelle.shop.counts.piano });
});

Deno.test("without a size a page holds a hundred; wrong sizes and cursors are refused", async () => {
  await using gazelle = await double({ scale: 0.2 });
  strictEqual((await ask(gazelle, `{ ${LIST} { nodes { id } } }`)).data[LIST]!.nodes.length, 100);
  for (const wrong of ["first: 501", "first: -1", "last: 501", 'after: "nonsense"', 'after: "LTE"']) {
    const { data, errors } = await ask(gazelle, `{ ${LIST}(${wrong}) { totalCount } }`);
    strictEqual(data, null, wrong);
    match(String(errors[0]?.extensions?.code), /pageSizeOutOfRange|invalidCursor/);
  }
});

Deno.test("the order of creation runs both ways", async () => {
  await using gazelle = await double({ scale: 0.2 });
  for (
    const [list, sort, field] of [[LIST, "CREATED_AT", "createdAt"], ["allEventsBatched", "START", "start"]]
  ) {
    const args = (way: string) => ({ args: `, sortBy: [${sort}_${way}]` });
    const up = (await readAll(gazelle, list!, `id ${field}`, args("ASC"))).records;
    const down = (await readAll(gazelle, list!, `id ${field}`, args("DESC"))).records;
    deepStrictEqual(down.toReversed(), up);
    const moments = up.map((record) => String(record[field!]));
    deepStrictEqual(moments, moments.toSorted());
  }
});
