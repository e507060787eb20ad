import assert from "node:assert/strict";
import type { Badges } from "../../cli/commands/badges.ts";
import { testDatabase } from "../fixtures/database.ts";
import { etiquette } from "./etiquette.ts";
import { readLines, verb } from "./verbs.ts";

const day = "2024-01-15";
const notes = {
  ins_named: "Accord, PLS",
  ins_asked: "Impossible de dire s'il y a un PLS",
  ins_full: "PLS rempli",
  ins_pads: "Buvards neufs",
};

Deno.test("badges: counted, listed, answered, rehearsed, accepted, refused", async (test) => {
  await using database = await testDatabase();
  const { sql, url: databaseUrl } = database;
  const place = { databaseUrl, url: "", secretKey: "", folder: "/nowhere" };
  const ask = (...words: string[]) => verb(place, "SQL", "badges", ...words);
  const read = async (...words: string[]) => readLines<Badges>(await ask(...words, "--json"))[0]!;
  const says = async (words: string[], code: number, ...lines: string[]) => {
    const ended = await ask(...words);
    assert.deepEqual([ended.code, ended.output.trim().split("\n")], [code, lines], words.join(" "));
  };
  /** A piano's badge and whose it is. */
  const badge = async (piano: string) => {
    const [found] = await sql<{ badge: boolean | null; writer: string | null }[]>`
      select p.dampp_chaser_installed as badge, c.writer from gazelle_pianos p
      left join ownership.claims c on c.key = p.external_id and c.col = 'dampp_chaser_installed'
      where p.external_id = ${piano}`;
    return [found?.badge, found?.writer];
  };
  const counts = "2 badges, 2 from the shop's notes, 2 of them by strong evidence; 2 pianos to check.";
  for (const [piano, description] of Object.entries(notes)) {
    await sql`insert into gazelle_pianos (external_id, make) values (${piano}, 'Yamaha')`;
    await sql`insert into gazelle_timeline_entries (external_id, piano_id, occurred_at, entry_type, description)
      values (${piano.replace("ins", "tme")}, ${piano}, ${day}, 'USER_COMMENT', ${description})`;
  }

  await test.step("before a pass there is nothing; a dry run says what one would set", async () => {
    await says(
      ["--dry-run"],
      0,
      "0 badges, 0 from the shop's notes, 0 of them by strong evidence; 0 pianos to check.",
      "The next pass would set 2 badges, take 0 and hold back 0.",
    );
    await sql`select detect_pls()`;
  });

  await test.step("the list has each piano with its reason, sentence and day", async () => {
    await says([], 0, counts, "etiquette badges --to-check lists them.");
    const { printed } = await ask("--to-check");
    assert.match(printed, /│ ins_named │ Yamaha │ no +│ not sure │ Accord, PLS \(2024-01-15\) +│/);
    assert.match(printed, /\nAnswer with --yes <piano> or --no <piano>\.\n$/);
    const { toCheck } = await read("--to-check");
    assert.deepEqual(toCheck.map(({ piano, on }) => [piano, on]), [["ins_asked", day], ["ins_named", day]]);
  });

  await test.step("what cannot be answered is refused as a whole", async () => {
    await says(
      ["--yes", "ins_named", "ins_9"],
      1,
      "✖ there is no piano 'ins_9' (PT404)",
      "  gazelle_pianos has no such external_id.",
      "  Give a piano's external_id: ins_ and 16 letters or digits.",
    );
    await says(
      ["--yes", "ins_asked", "ins_named", "--no", "ins_named"],
      2,
      "error: ins_named is given with --yes and with --no",
      "Add --help for what it takes.",
    );
    for (
      const [words, code, reason] of [
        [["--yes"], 2, /option '--yes <pianos\.\.\.>' argument missing/],
        [["--institution", "uqam"], 2, /unknown option '--institution'/],
        [["ins_named"], 2, /too many arguments/],
        [["--accept"], 1, /✖ no badge is held back \(PT409\)\n {2}The rules are those that were agreed to/],
        [["--accept", "--no", "ins_full"], 1, /PT409/],
      ] as const
    ) {
      const ended = await ask(...words);
      assert.equal(ended.code, code, ended.output);
      assert.match(ended.output, reason);
    }
    assert.deepEqual(await badge("ins_named"), [null, null], "nothing of them was written");
    assert.deepEqual(await badge("ins_full"), [true, "pls_detector"]);
    assert.equal((await ask("--accept", "--json")).printed, "");
    assert.match((await ask("--accept", "--json")).output, /^\{"error":\{"code":"PT409",/);
  });

  await test.step("a dry run of answers writes nothing", async () => {
    await says(
      ["--dry-run", "--yes", "ins_named", "--no", "ins_full"],
      0,
      "Answered for 2 pianos.",
      "Not on the list before: ins_full.",
      "2 badges, 1 from the shop's notes, 1 of them by strong evidence; 1 piano to check.",
      "The next pass would set 0 badges, take 0 and hold back 0.",
      "etiquette badges --to-check lists them.",
      "Nothing is written: without --dry-run it is.",
    );
    assert.deepEqual(await badge("ins_named"), [null, null]);
    assert.deepEqual(await badge("ins_full"), [true, "pls_detector"]);
  });

  await test.step("yes and no are badges of the person, once or twice, asked or not", async () => {
    await says(
      ["--yes", "ins_named", "ins_named", "--no", "ins_asked"],
      0,
      "Answered for 2 pianos.",
      "3 badges, 2 from the shop's notes, 2 of them by strong evidence; 0 pianos to check.",
    );
    assert.deepEqual(await badge("ins_named"), [true, "postgres"]);
    assert.deepEqual(await badge("ins_asked"), [false, "postgres"]);
    const { answered, unasked } = await read("--no", "ins_named");
    assert.deepEqual([answered, unasked], [["ins_named"], ["ins_named"]], "who erred says so");
    assert.deepEqual(await badge("ins_named"), [false, "postgres"]);
  });

  await test.step("badges that changed rules would take: rehearsed, held, accepted, taken", async () => {
    await sql`update pls_rules set enabled = false where name = 'supplied'`;
    assert.equal((await read("--dry-run")).rehearsed?.badges_held, 1);
    assert.deepEqual((await read("--accept", "--dry-run")).rehearsed?.badges_taken, 1);
    await sql`select detect_pls()`;
    const { toCheck } = await read();
    assert.deepEqual(toCheck.map(({ piano, has_badge, reason }) => [piano, has_badge, reason]), [
      ["ins_pads", true, "the badge is no longer proved"],
    ]);
    const { code, output } = await ask("--accept");
    assert.equal(code, 0);
    assert.match(output, /^The next pass takes the badges that were held back\.\n2 badges, /);
    await sql`select detect_pls()`;
    assert.deepEqual(await badge("ins_pads"), [false, null]);
    assert.match((await ask("--accept")).output, /no badge is held back \(PT409\)/);
  });

  await test.step("an operator's role does all of it; a stranger, a key and no database do nothing", async () => {
    const role = `operator_${crypto.randomUUID().slice(0, 8)}`;
    await sql.unsafe(`create role ${role} login password 'p' in role manual_editor;
      create role ${role}_not login password 'p'`);
    try {
      const url = (user: string, set = "") => {
        const changed = new URL(databaseUrl);
        [changed.username, changed.password, changed.search] = [user, "p", set];
        return changed.href;
      };
      const as = (url: string, ...words: string[]) =>
        verb({ ...place, databaseUrl: url }, "SQL", "badges", ...words);
      const operator = url(role, "?options=-c%20role%3Dmanual_editor");
      const answer = await as(operator, "--yes", "ins_asked", "--dry-run");
      assert.equal(answer.code, 0, answer.output);
      assert.equal((await as(operator, "--yes", "ins_asked")).code, 0);
      assert.deepEqual(await badge("ins_asked"), [true, "manual_editor"]);
      for (const words of [[], ["--no", "ins_asked"], ["--accept"], ["--dry-run"]]) {
        const refused = await as(url(`${role}_not`), ...words);
        assert.equal(refused.code, 1, words.join(" "));
        assert.match(refused.output, /✖ permission denied for .* \(42501\)\n {2}Check the grants: /);
      }
      assert.match((await as(url("nobody_at_all"))).output, /\(no_database\)/);
      assert.deepEqual(await badge("ins_asked"), [true, "manual_editor"]);
    } finally {
      await sql.unsafe(`drop role ${role}, ${role}_not`);
    }
    const key = { ETIQUETTE_URL: "https://shop.supabase.co", ETIQUETTE_SECRET_KEY: "sb_secret_x" };
    const byKey = etiquette(["badges", "--no", "ins_full"], { ETIQUETTE_DATA: "/nowhere", ...key });
    assert.equal(await byKey.ended, 1);
    assert.match(byKey.output(), /✖ badges needs a person's rank, .*\(needs_person\)/);
  });
});
