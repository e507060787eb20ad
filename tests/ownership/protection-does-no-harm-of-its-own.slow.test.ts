import assert from "node:assert/strict";
import { codeOf } from "../fixtures/naive.ts";
import {
  blocked,
  byHand,
  editByHand,
  type Naive,
  type Outcome,
  outcomeOf,
  ownershipWorld,
  valueOf,
  type World,
} from "../fixtures/ownership.ts";

const [naive, guarded] = ["losses.naive", "losses.protected"];
const edited: Outcome = {
  ...byHand,
  value: "newer",
  history: ["claimed by manual_editor", "claimed by manual_editor"],
};
const blank = (table: string) => `update ${table} set notes = null, status = 'INACTIVE'`;
const edit = (table: string) => `update ${table} set notes = 'newer' where external_id = 'ins_1'`;
const statuses = ({ asSuperuser }: World, table: string) =>
  asSuperuser(`select array_agg(status order by external_id) as found from ${table}`).then(([row]) =>
    row?.found
  );

/** A harm that the naive trigger of this kind is seen to do first. */
function harm(name: string, kind: Naive, test: (world: World) => Promise<void>): void {
  Deno.test(name, async () => {
    await using world = await ownershipWorld(kind);
    for (const table of [naive, guarded]) await editByHand(world, table);
    await test(world);
  });
}

harm("RETURN NULL losing the rest of the row", "skip", async (world) => {
  await world.asSync(blank(naive));
  assert.deepEqual(await statuses(world, naive), ["ACTIVE", "ACTIVE"]);
  await world.asSync(blank(guarded));
  assert.deepEqual(await statuses(world, guarded), ["INACTIVE", "INACTIVE"]);
  assert.deepEqual(await outcomeOf(world, guarded, "notes", "ins_1"), {
    ...byHand,
    blocked: blocked(null, "by hand"),
  });
});

harm("RAISE losing the batch", "refuse", async (world) => {
  assert.equal(await codeOf(world.asSync(blank(naive))), "P0001");
  await world.asSync(blank(guarded));
  assert.equal(await valueOf(world, guarded, "notes", "ins_2"), null);
  assert.deepEqual(await outcomeOf(world, guarded, "notes", "ins_1"), {
    ...byHand,
    blocked: blocked(null, "by hand"),
  });
});

harm("an audit insert that fails: claims that are no JSON", "log", async (world) => {
  const person = await world.session("manual_editor");
  await person("set request.jwt.claims = 'no json'");
  assert.equal(await codeOf(person(edit(naive))), "22P02");
  assert.equal(await codeOf(person(edit(guarded))), null);
  assert.deepEqual(await outcomeOf(world, guarded, "notes", "ins_1"), edited);
});

harm("an audit insert that fails: an element too long for an index", "keep", async (world) => {
  // Random, so that it does not compress: an index entry holds 2704 bytes.
  const long = Array.from({ length: 128 }, () => crypto.randomUUID()).join("");
  await world.asSuperuser(`create unique index on ${naive} ((tags[3]))`);
  const tag = (table: string) =>
    `update ${table} set tags = tags || '${long}'::text where external_id = 'ins_1'`;
  assert.equal(await codeOf(world.asPerson(tag(naive))), "54000");
  assert.equal(await codeOf(world.asPerson(tag(guarded))), null);
  await world.asSync(`update ${guarded} set tags = '{gazelle}'`);
  const { value, owner } = await outcomeOf(world, guarded, "tags", "ins_1");
  assert.deepEqual(value, ["gazelle", "vip", long]);
  assert.deepEqual(owner, { vip: "manual_editor", [long]: "manual_editor" });
});

harm("an audit insert that fails: a row without the identity key", "keep", async (world) => {
  await world.asSuperuser(`
    create table losses.keyless (external_id text unique, notes text);
    grant all on losses.keyless to manual_editor;
    insert into losses.keyless values (null, 'from Gazelle')`);
  const protect = `select ownership.protect('losses.keyless', 'notes', identity_key => '{external_id}')`;
  const refused = await codeOf(world.asSuperuser(protect));
  assert.ok(refused === null || refused === "OW007", `protect ended with ${refused}`);
  assert.equal(await codeOf(world.asPerson(`update losses.keyless set notes = 'by hand'`)), null);
  assert.deepEqual([...await world.asSuperuser("select notes from losses.keyless")], [{ notes: "by hand" }]);
});

harm("an audit that grows without bound", "log", async (world) => {
  await world.asSuperuser("delete from naive.audit");
  for (let run = 0; run < 50; run++) for (const table of [naive, guarded]) await world.asSync(blank(table));
  const [audit] = await world.asSuperuser(
    "select count(*)::int as rows from naive.audit where kept = 'by hand'",
  );
  assert.equal(audit?.rows, 50);
  assert.deepEqual(await outcomeOf(world, guarded, "notes", "ins_1"), {
    ...byHand,
    blocked: blocked(null, "by hand", 50),
  });
});

const orphans = ({ asSuperuser }: World, table: string) =>
  asSuperuser(`
    select external_id from ${table} t
    where client_id is not null and not exists (select from losses.clients c where c.external_id = t.client_id)`);
const setNull = (table: string) => `
  alter table ${table} drop constraint ${table.replace("losses.", "")}_client_id_fkey;
  alter table ${table} add foreign key (client_id) references losses.clients on delete set null`;
const protectClient = `select ownership.protect('${guarded}', 'client_id')`;

harm("dangling foreign keys", "keep", async (world) => {
  await world.asSuperuser(setNull(naive));
  for (const action of ["cascade", "set default", "set null"]) {
    await world.asSuperuser(setNull(guarded).replace("set null", action));
    assert.equal(await codeOf(world.asSuperuser(protectClient)), "OW005", action);
  }
  await world.asSync("delete from losses.clients");
  assert.equal((await orphans(world, naive)).length, 2);
  assert.deepEqual([...await orphans(world, guarded)], []);
  assert.equal(await valueOf(world, guarded, "client_id", "ins_1"), null);
});

harm("RAISE losing the batch: a claimed value that a constraint no longer lets in", "keep", async (world) => {
  await world.asSuperuser(`
    alter table ${guarded} drop constraint protected_client_id_fkey, add foreign key (client_id) references losses.clients;
    ${protectClient}`);
  await world.asPerson(
    `insert into losses.clients values ('cli_2'); update ${guarded} set client_id = 'cli_2' where external_id = 'ins_1'`,
  );
  await world.asSync(`delete from ${guarded}; delete from losses.clients where external_id = 'cli_2'`);
  const insert =
    `insert into ${guarded} (external_id, client_id) values ('ins_1', 'cli_1'), ('ins_2', 'cli_1')`;
  assert.equal(await codeOf(world.asSync(insert)), null);
  assert.equal(await valueOf(world, guarded, "client_id", "ins_2"), "cli_1");
  assert.equal(await valueOf(world, guarded, "notes", "ins_1"), "by hand");
});
