// The engine alone in databases of several encodings: some functions on letters refuse what is not UTF8.

import assert from "node:assert/strict";
import postgres from "postgres";
import { installScript, readDocument } from "../docs/engine.ts";
import { harness, withDatabase } from "../fixtures/database.ts";

const install = await installScript(await readDocument("ownership.md"));

for (
  const { encoding, byHand, variant, added } of [
    { encoding: "LATIN1", byHand: "école", variant: "\u00a0école ", added: "àü" },
    { encoding: "EUC_JP", byHand: "学校", variant: " 学校 ", added: "調律" },
    { encoding: "UTF8", byHand: "\u00e9cole", variant: "\u00a0e\u0301COLE ", added: "a\u0300u\u0308" },
  ]
) {
  Deno.test(`tags in a database in ${encoding}`, async () => {
    await using database = await engineIn(encoding);
    const { sql } = database;
    await sql`create table pianos (external_id text primary key, place text, tags text[])`;
    await sql`insert into pianos values ('ins_1', ${byHand}, '{}')`;
    await sql`select ownership.protect('pianos', 'place'), ownership.protect('pianos', 'tags')`;
    await sql`update pianos set place = ${added}, tags = ${[byHand]}`;
    await sql`set ownership.writer = 'some sync'`;
    await sql`update pianos set place = ${byHand}, tags = ${[variant, added]}`;
    const kept = [{ place: added, tags: [byHand, added] }];
    assert.deepEqual([...await sql`select place, tags from pianos`], kept, "a variant is not a tag more");
    await sql`update pianos set place = ' ', tags = ${[added]}`;
    assert.deepEqual([...await sql`select place, tags from pianos`], kept);
    await sql`reset ownership.writer`;
    const claims = await sql`select key, col, element from ownership.claims order by col`;
    assert.deepEqual([...claims], [
      { key: "ins_1", col: "place", element: "" },
      { key: "ins_1", col: "tags", element: byHand },
    ]);
    assert.deepEqual([...await sql`select problem, object, detail from ownership.health()`], []);
    assert.deepEqual([...await sql`select key, col, problem from ownership.verify()`], []);
  });
}

async function engineIn(encoding: string): Promise<AsyncDisposable & { sql: postgres.Sql }> {
  await using stack = new AsyncDisposableStack();
  const { maintenance } = harness();
  const name = `test_${crypto.randomUUID().replaceAll("-", "").slice(0, 16)}`;
  const admin = stack.adopt(postgres(maintenance, { max: 1, onnotice: () => {} }), (a) => a.end());
  await admin.unsafe(`create database ${name} template template0 encoding '${encoding}' locale 'C'`);
  stack.defer(async () => void await admin.unsafe(`drop database ${name} with (force)`));
  const sql = stack.adopt(
    postgres(withDatabase(maintenance, name), { max: 1, onnotice: () => {} }),
    (session) => session.end(),
  );
  await sql.unsafe(install);
  const owned = stack.move();
  return { sql, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
