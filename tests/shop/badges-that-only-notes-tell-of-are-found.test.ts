import assert from "node:assert/strict";
import postgres from "postgres";
import { fillShop } from "../../bench/shop.ts";
import { plsFromNotes } from "../../gazelle-double/shop/pls.ts";
import { createShop } from "../../gazelle-double/shop/shop.ts";
import { testDatabase } from "../fixtures/database.ts";

Deno.test("the pianos whose PLS only the notes tell of are found, and no other", async () => {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await testDatabase());
  const shop = createShop();
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  stack.defer(() => sql.end());
  await fillShop(sql, shop);
  const badges = async () =>
    (await sql<{ id: string }[]>`
    select external_id as id from gazelle_pianos where dampp_chaser_installed`).map(({ id }) => id).sort();
  const upstream = await badges();
  assert.equal(upstream.length, 96);

  const [{ report } = {}] = await sql`select detect_pls() as report`;

  const fromNotes = [...plsFromNotes(shop)];
  assert.equal(fromNotes.length, 340);
  assert.deepEqual(await badges(), [...upstream, ...fromNotes].sort());
  const { badges_set, badges_taken, left } = report;
  assert.deepEqual({ badges_set, badges_taken, left }, { badges_set: 340, badges_taken: 0, left: 0 });

  const owned = await sql`
    select c.key from ownership.claims c
    where c.tbl = 'gazelle_pianos'::regclass and c.writer = 'pls_detector' and c.value = 'true'`;
  assert.deepEqual(owned.map(({ key }) => key).sort(), fromNotes.sort(), "they are the detector's");
  const unexplained = await sql`
    select p.external_id
    from (select external_id from gazelle_pianos where dampp_chaser_installed order by md5(external_id) limit 50) p
    where (select count(*) from pls_explain(p.external_id) e where e.decides and e.says = 'for') <> 1`;
  assert.deepEqual([...unexplained], [], "a badge has one reason that decides");

  const [{ again } = {}] = await sql`select detect_pls(true) as again`;
  const { evidence_added, evidence_removed, badges_set: set, badges_taken: taken } = again;
  assert.deepEqual(
    [evidence_added, evidence_removed, set, taken],
    [0, 0, 0, 0],
    "a full pass changes nothing",
  );
});
