import assert from "node:assert/strict";
import { setBadges, tagInstitutions } from "../../cli/people.ts";
import { smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("the verification finds what was lost, and has nothing to say of a sound shop", async () => {
  await using platform = await smallShop();
  const { sql, double } = platform;
  for (const stream of ["clients", "pianos"] as const) await sync(platform, stream);
  await tagInstitutions(sql);
  await setBadges(sql, double.shop);
  for (const stream of ["clients", "pianos"] as const) await sync(platform, stream);
  const verify = async () =>
    new Map((await sql`select * from shop.verify()`).map(({ name, ...check }) => [name as string, check]));

  const sound = await verify();
  assert.deepEqual([...sound].filter(([, { ok }]) => !ok), []);
  assert.deepEqual(counts(sound, "institutions tagged"), ["5", "5"]);
  const [hidden] = await sql`select sum(hidden_pianos)::integer as count from institution_overview`;
  const shown = [...sound].filter(([name]) => name.startsWith("pianos of ")).map(([, { found }]) =>
    Number(found)
  );
  assert.equal(shown.length, 5);
  assert.equal(shown.reduce((sum, found) => sum + found, hidden?.count), 141);
  const [proved, standing] = counts(sound, "pianos with badge");
  assert.ok(Number(proved) > 0 && proved === standing);

  await sql`alter table gazelle_clients disable trigger user`;
  await sql`alter table gazelle_pianos disable trigger user`;
  await sql`update gazelle_clients set tags = '{}'`;
  await sql`update gazelle_pianos set dampp_chaser_installed = false`;
  const lost = await verify();
  assert.deepEqual(counts(lost, "institutions tagged"), ["5", "0"]);
  assert.deepEqual(counts(lost, "pianos with badge"), [proved, "0"]);
  assert.equal(lost.get("protected values")?.ok, false);
  assert.equal(lost.get("protection")?.ok, false);
});

function counts(checks: Map<string, Record<string, unknown>>, name: string): unknown[] {
  const check = checks.get(name);
  return [check?.["expected"], check?.["found"]];
}
