import assert from "node:assert/strict";
import type postgres from "postgres";
import { editByHand } from "../../cli/manual-values.ts";
import { setBadges, tagInstitutions } from "../../cli/people.ts";
import type { TestPlatform } from "../fixtures/platform.ts";
import { smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("an export, an empty database, a first sync and an import bring every manual value back", async () => {
  const { file, cells, claims } = await aShopOfPeople();
  await using platform = await smallShop();
  const { sql } = platform;
  await firstSync(platform);
  assert.notDeepEqual(await manualCells(sql), cells, "the sync alone does not know them");

  const document = sql.json(JSON.parse(file));
  const planned = await sql`select action from ownership.import(${document})`;
  const actions = await sql`select action from ownership.import(${document}, dry_run => false)`;
  assert.equal(planned.length, actions.length);
  assert.deepEqual([...new Set(actions.map(({ action }) => action))].sort(), ["imported", "waits"]);
  assert.ok(claims.length > 150, `${claims.length} claims`);
  assert.deepEqual(await manualClaims(sql), claims);
  assert.deepEqual(await manualCells(sql), cells);

  await firstSync(platform);
  assert.deepEqual(await manualCells(sql), cells, "and the next sync takes none of them");
  assert.deepEqual([...await sql`select * from ownership.verify()`], []);
});

/** A shop after some months, and what of it is kept outside the database. */
async function aShopOfPeople() {
  await using platform = await smallShop();
  const { sql, double } = platform;
  await firstSync(platform);
  await tagInstitutions(sql);
  await setBadges(sql, double.shop);
  await editByHand(sql);
  await sql`update gazelle_clients set tags = tags[2:] where cardinality(tags) > 1 and tags[1] <> 'institutional'`;
  await sql`update gazelle_pianos set notes = null where location like 'Studio 1%'`;
  await sql`update institution_config set notes = 'Clé au secrétariat.', options = '{"months": 6}' where slug like 'p%'`;
  await sql`update institution_config set display_name = 'Vincent-d''Indy', active = false where slug like 'e%'`;
  const [exported] = await sql`select ownership.export()::text as file`;
  return { file: exported?.file as string, cells: await manualCells(sql), claims: await manualClaims(sql) };
}

async function firstSync(platform: TestPlatform): Promise<void> {
  for (const stream of ["clients", "pianos"] as const) {
    assert.equal((await sync(platform, stream)).body.status, "complete");
  }
}

/** Every protected column of every row, sets in order. */
async function manualCells(sql: postgres.Sql): Promise<Record<string, unknown>> {
  const policies = await sql<{ tbl: string; col: string; key: string }[]>`
    select tbl::text, col, identity_key[1] as key from ownership.policies order by 1, 2`;
  const cells: Record<string, unknown> = {};
  for (const { tbl, col, key } of policies) {
    for (const row of await sql`select ${sql(key)} as key, to_jsonb(${sql(col)}) as value from ${sql(tbl)}`) {
      const value = Array.isArray(row.value) ? row.value.toSorted() : row.value;
      cells[`${tbl}.${col} of ${row.key}`] = value;
    }
  }
  return cells;
}

async function manualClaims(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql`
    select concat_ws(' ', tbl, col, key, element, removed, writer, rank, value) as claim
    from ownership.claims order by 1`;
  return rows.map(({ claim }) => claim);
}
