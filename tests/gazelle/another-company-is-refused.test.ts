import assert from "node:assert/strict";
import { buildSchema, parse, validate } from "graphql";
import { readFile } from "node:fs/promises";
import { askingWhose, withCompany } from "../../supabase/functions/_shared/gazelle/account.ts";
import { streams } from "../../supabase/functions/_shared/gazelle/index.ts";
import { testDatabase } from "../fixtures/database.ts";
import type { TestPlatform } from "../fixtures/platform.ts";
import { smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("each query can ask for the company, too", async () => {
  const file = new URL("../../gazelle-double/schema.graphql", import.meta.url);
  const schema = buildSchema(await readFile(file, "utf8"));
  for (const query of streams.flatMap(({ queries }) => queries)) {
    assert.deepEqual(validate(schema, parse(withCompany(query))), [], query);
  }
});

Deno.test("a database that one company filled takes no other's records", async (test) => {
  await using own = await testDatabase();
  const { sql } = own;
  // Each platform would drop it at its end.
  const database = { ...own, [Symbol.asyncDispose]: () => Promise.resolve() };
  const count = async () => (await sql`select count(*)::integer as n from gazelle_clients`)[0]!.n;
  {
    await using mine = await smallShop({}, 0.2, database);
    const { body } = await sync(mine, "clients");
    assert.deepEqual([body.status, await count()], ["complete", 269]);
    const asked = (await requestsOf(mine)).filter(({ fields }) => fields.includes("company"));
    assert.deepEqual(
      asked.map(({ fields }) => fields),
      [["allClients", "company"]],
      "once, with the first page",
    );
    assert.equal(
      (await sql`select account ->> 'name' as name from sync.sources`)[0]!.name,
      "Accord & Réglage Montréal, size 0.2",
    );
  }
  await using other = await smallShop({}, 0.4, database);

  await test.step("the run fails with what to do, and nothing is written", async () => {
    const { status, body } = await sync(other, "clients");
    assert.deepEqual([status, body.status, body.error?.code], [500, "failed", "account_changed"]);
    assert.match(
      body.error!.message,
      /^this database was filled from .*size 0\.2 \(com_\w+\), and Gazelle now answers as .*size 0\.4 \(com_\w+\)$/,
    );
    assert.match(body.error!.hint, /npm start -- --fresh/);
    assert.equal(await count(), 269);
  });

  await test.step("for every stream, so one is tried", async () => {
    const { body } = await sync(other, "all");
    const { reports, waiting } = body as unknown as { reports: unknown[]; waiting: string[] };
    assert.deepEqual([reports.length, waiting.length], [1, 5]);
    for (const { name } of streams) {
      assert.equal((await sync(other, name)).body.error?.code, "account_changed");
    }
    assert.equal((await sql`select count(*)::integer as n from gazelle_pianos`)[0]!.n, 0);
  });
});

Deno.test("a company that cannot be read is none, and its error no record's", async () => {
  const answers = [
    { data: { allUsers: [], company: null }, errors: [{ message: "no", path: ["company"] }] },
    { data: { allUsers: [] }, errors: [{ message: "no", path: ["allUsers", 0] }] },
  ];
  const asked: string[] = [];
  const { ask, account } = askingWhose((
    document,
  ) => (asked.push(document), Promise.resolve(answers.shift()!)));
  assert.deepEqual([(await ask("query { allUsers }", {})).errors, account()], [[], null]);
  assert.equal((await ask("query { allUsers }", {})).errors.length, 1);
  assert.deepEqual(asked.map((document) => document.includes("company")), [true, false]);
});

async function requestsOf({ double }: TestPlatform): Promise<{ fields: string[] }[]> {
  return await (await fetch(`${double.controlUrl}/log`)).json();
}
