import assert from "node:assert/strict";
import { clearFaults, smallShop, sync } from "../fixtures/syncing.ts";
import { verb } from "./verbs.ts";

Deno.test("a sync over another program's rows, one that trips and one that only plans", async (test) => {
  await using platform = await smallShop();
  const { sql, double } = platform;
  await sync(platform, "clients");
  // As if the rows had been there before.
  await sql`delete from sync.runs`;
  await sql`update gazelle_clients set status = 'actif', updated_at = '2020-01-01'`;
  const run = (...words: string[]) => verb(platform, "URL and key", "sync", "clients", ...words);

  await test.step("a dry run leaves nothing unchanged, and tells what the first sync will replace", async () => {
    const { code, printed } = await run("--dry-run");
    assert.equal(code, 0);
    assert.match(printed, /│ clients │ complete │ +0 │ +0 │ +– │/);
    assert.match(printed, /^clients: the first sync replaces what another program wrote, in$/m);
    assert.match(printed, /^ {2}status 269 of 269\n {2}updated_at 269 of 269$/m);
  });

  await test.step("the first sync replaces it and says so, now and later", async () => {
    const { code, printed } = await run();
    assert.equal(code, 0);
    assert.match(printed, /^ {2}status 269 of 269\n {2}updated_at 269 of 269$/m);
    const [last] = await sql<{ id: number }[]>`select max(id)::integer as id from sync.runs`;
    const shown = await verb(platform, "SQL", "run", String(last?.id));
    assert.match(shown.printed, /^ {2}updated_at 269 of 269$/m);
  });

  await test.step("a run that trips has compared nothing with what stays", async () => {
    double.order({ kind: "subset", share: 0.5 });
    const { code, printed } = await run();
    assert.equal(code, 1);
    assert.match(printed, /│ clients │ tripped │ +0 │ +0 │ +– │/);
    const [last] = await sql<{ id: number }[]>`select max(id)::integer as id from sync.runs`;
    const shown = await verb(platform, "SQL", "run", String(last?.id));
    assert.match(shown.printed, /, updated 0, unchanged –, /);
  });

  await test.step("the next one has, and counts", async () => {
    await clearFaults(platform);
    assert.match((await run()).printed, /│ clients │ complete │ +0 │ +0 │ +269 │/);
  });
});
