import assert from "node:assert/strict";
import { tagInstitutions } from "../../cli/people.ts";
import { smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("a backup precedes each sync: every run takes a mark, from which what people wrote comes back", async () => {
  await using platform = await smallShop();
  const { sql } = platform;
  for (const stream of ["clients", "pianos", "clients"] as const) await sync(platform, stream);
  const unmarked = await sql`
    select r.id from sync.runs r left join ownership.marks m on m.id = r.mark
    where m.id is null or m.at > r.started_at or m.label <> 'run ' || r.stream`;
  assert.deepEqual([...unmarked], []);
  const [marks] = await sql`select count(distinct mark)::integer as count from sync.runs`;
  assert.equal(marks?.count, 3, "each its own");

  await tagInstitutions(sql);
  const manual = () => sql`select external_id, tags from gazelle_clients order by external_id`;
  const before = await manual();
  const { body } = await sync(platform, "clients");
  // Even what goes past the engine: the table's owner may switch triggers off.
  await sql`alter table gazelle_clients disable trigger user`;
  await sql`update gazelle_clients set tags = '{}' where tags @> '{institutional}'`;
  await sql`alter table gazelle_clients enable trigger user`;
  await sql`select ownership.repair()`;
  const [run] = await sql`select mark from sync.runs where id = ${body.run_id}`;
  await sql`select * from ownership.restore(${run!.mark}, dry_run => false)`;
  assert.deepEqual([...await manual()], [...before]);
});
