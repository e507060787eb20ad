import assert from "node:assert/strict";
import { badgeLines } from "../../cli/badge-lines.ts";
import { badges, pianosToCheck } from "../../cli/people.ts";
import { testDatabase } from "../fixtures/database.ts";

const day = (at: number) => `2024-01-${10 + at}`;

Deno.test("a start says how many badges are strong, how many pianos are to check, and shows three", async () => {
  await using database = await testDatabase();
  const { sql } = database;
  const tell = async (showsAllBadges: boolean) =>
    badgeLines({ badges: await badges(sql), toCheck: await pianosToCheck(sql), showsAllBadges });
  const pianos = [1, 2, 3, 4, 5, 6].map((at) => ({ external_id: `ins_${at}`, make: "Yamaha" }));
  await sql`insert into gazelle_pianos ${sql(pianos)}`;
  await sql.begin(async (as) => {
    await as`set local role gazelle_sync`;
    await as`insert into gazelle_pianos (external_id, dampp_chaser_installed) values ('ins_7', true)`;
  });
  const notes = ["PLS rempli", "PLS vu", "Accord, PLS", "Dampp-Chaser?", "Voyant vert", "Il y avait un PLS"];
  const entries = notes.map((description, at) => ({
    external_id: `tme_${at}`,
    piano_id: `ins_${at + 1}`,
    occurred_at: day(at),
    entry_type: "USER_COMMENT",
    description,
  }));
  entries.push({ ...entries[1]!, external_id: "tme_again", occurred_at: day(9) });
  await sql`insert into gazelle_timeline_entries ${sql(entries)}`;
  await sql`select detect_pls()`;

  const list = [
    "To check, with npx etiquette badges --to-check:",
    "  ins_5  Yamaha: not sure: Voyant vert",
    "  ins_4  Yamaha: not sure: Dampp-Chaser?",
    "  ins_3  Yamaha: not sure: Accord, PLS",
  ];
  assert.deepEqual(await tell(false), [
    "PLS badges: 3 (2 from the shop's notes, 1 of them strong; 1 from Gazelle); pianos to check: 3",
    "  ins_1  Yamaha: the shop's notes say so: PLS rempli",
    "  ins_2  Yamaha: the shop's notes say so: PLS vu",
    "  and 1 more: npm start -- --badges shows them all",
    ...list,
  ]);
  await sql`insert into gazelle_timeline_entries ${
    sql([{ ...entries[2]!, external_id: "tme_last", piano_id: "ins_6", occurred_at: day(8) }])
  }`;
  await sql`select detect_pls()`;
  const shown = await tell(true);
  assert.match(shown[0]!, /pianos to check: 4$/);
  assert.equal(shown.filter((line) => line.includes("not sure")).length, 3, "three of four");
  assert.equal(shown.filter((line) => line.includes("more")).length, 0);
});
