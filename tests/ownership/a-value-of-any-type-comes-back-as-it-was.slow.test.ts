import assert from "node:assert/strict";
import { ownershipWorld } from "../fixtures/ownership.ts";

// Delete and insert brings a value back from its record: it must be the value that was there, of whatever type.
const types: [type: string, byHand: string, fromSource: string][] = [
  ["boolean", "true", "false"],
  ["bigint", "9007199254740993", "1"],
  ["numeric", "12345678901234567890.10", "1"],
  ["double precision", "0.1", "'NaN'"],
  ["timestamptz", "'2026-01-19 12:00:00.123456+00'", "now()"],
  ["interval", "'1 mon -2 days 03:04:05'", "'1 day'"],
  ["date", "'infinity'", "'2026-01-19'"],
  ["bytea", "'\\x00ff'", "'\\x01'"],
  ["uuid", "'7d1c0e6e-0000-4000-8000-000000000001'", "gen_random_uuid()"],
  ["varchar(20)", "'  à l''étage \"2\" '", "'x'"],
  ["json", '\'{"a": [null, ""], "b": 1}\'', "'{}'"],
  ["jsonb", "'null'", "'{}'"],
  ["json", "'null'", "'{}'"],
  ["int4range", "'[1,5)'", "'[2,3)'"],
  ["point", "'(1,2)'", "'(3,4)'"],
  ["losses.place", "row('Salle \"A\"', 2)", "row('B', 3)"],
  ["losses.mood", "'glad'", "'sad'"],
  ["losses.note", "'by hand'", "'from Gazelle'"],
  ["text[]", `array['a,b', '"c"', null]`, "'{x}'"],
  ["integer[]", "'{{1,2},{3,4}}'", "'{{5}}'"],
  ["jsonb[]", `array['"a"', '{"b": 1}']::jsonb[]`, "'{null}'"],
  ["losses.place[]", "array[row('A', 2)]::losses.place[]", "array[row('B', 3)]::losses.place[]"],
];

for (const [type, byHand, fromSource] of types) {
  Deno.test(`a ${type} comes back as it was`, async () => {
    await using world = await ownershipWorld();
    await world.asSuperuser(`
      create type losses.place as (room text, floor integer);
      create type losses.mood as enum ('glad', 'sad');
      create domain losses.note as text check (value <> '');
      create table losses.typed (external_id text primary key, cell ${type}, other text);
      create table losses.twin (like losses.typed);
      grant all on losses.typed, losses.twin to gazelle_sync, manual_editor;
      select ownership.protect('losses.typed', 'cell', mode => 'claim')`);
    for (const table of ["losses.twin", "losses.typed"]) {
      await world.asSync(`insert into ${table} (external_id, cell) values ('ins_1', ${fromSource})`);
      await world.asPerson(`update ${table} set cell = ${byHand}`);
      await world.asSync(`delete from ${table}`);
      await world.asSync(`insert into ${table} values ('ins_1', ${fromSource}, (${byHand}::${type})::text)`);
    }
    const kept = async (table: string) =>
      (await world.asSuperuser(`select cell::text = other as kept from ${table}`))[0]?.kept;
    assert.equal(await kept("losses.twin"), false);
    assert.equal(await kept("losses.typed"), true);
  });
}

Deno.test("a JSON null that is on offer lands as such when its cell is released", async () => {
  await using world = await ownershipWorld();
  await world.asSuperuser(`
    create table losses.strict (external_id text primary key, details jsonb not null);
    grant all on losses.strict to gazelle_sync, manual_editor;
    select ownership.protect('losses.strict', 'details')`);
  await world.asSync(`insert into losses.strict values ('ins_1', '{}')`);
  await world.asPerson(`update losses.strict set details = '{"by": "hand"}'`);
  await world.asSync(`update losses.strict set details = 'null'`);
  await world.asSuperuser(`select ownership.release('losses.strict', 'ins_1', 'details')`);
  assert.deepEqual([...await world.asSuperuser(`select details::text from losses.strict`)], [{
    details: "null",
  }]);
});

Deno.test("names that need quoting, and hold what a format would read", async () => {
  await using world = await ownershipWorld();
  const table = `losses."Pianos; 100%s"`;
  await world.asSuperuser(`
    create table ${table} ("the Key" text primary key, "100%s" text, "a""b" text[]);
    grant all on ${table} to gazelle_sync, manual_editor;
    select ownership.protect('${table}', c) from unnest(array['100%s', 'a"b']::name[]) c`);
  await world.asSync(`insert into ${table} values ('ins_1', 'from Gazelle', '{gazelle}')`);
  await world.asPerson(`update ${table} set "100%s" = 'by hand', "a""b" = "a""b" || '{vip}'`);
  await world.asSync(
    `delete from ${table}; insert into ${table} values ('ins_1', 'from Gazelle', '{gazelle}')`,
  );
  await world.asSync(`update ${table} set "100%s" = '', "a""b" = '{}'`);
  assert.deepEqual([...await world.asSuperuser(`select "100%s" as note, "a""b" as tags from ${table}`)], [
    { note: "by hand", tags: ["gazelle", "vip"] },
  ]);
});
