import assert from "node:assert/strict";
import { table } from "../../cli/table.ts";
import { oneLine, printable } from "../../cli/terminal.ts";
import { clearFaults, smallShop, sync } from "../fixtures/syncing.ts";
import { verb, type Way } from "./verbs.ts";

/** Clears the screen, colours, rings, sets the title, goes back over the line, turns the direction round, breaks it. */
const nasty =
  "Évil\u001b[2J\u001b[31m\u0007\u009b1m\u001b]0;mine\u001b\\\r\u202eten.live\u2066\u200b\u2028\n✔ All is well";
const shown =
  "Évil\\u001b[2J\\u001b[31m\\u0007\\u009b1m\\u001b]0;mine\\u001b\\\\u000d\\u202eten.live\\u2066\\u200b\\u2028";
/** What a terminal obeys. A line break is ours. */
const obeyed = /[\p{Cc}\p{Bidi_Control}\u200b\u2028\u2029\ufeff]/gu;
const orders = (text: string) => [...text.matchAll(obeyed)].filter(([found]) => found !== "\n");

Deno.test("what a terminal would obey is shown, and nothing else is changed", () => {
  assert.equal(printable(nasty), `${shown}\n✔ All is well`);
  assert.equal(oneLine(nasty), `${shown}\\n✔ All is well`);
  for (const text of ["École Vincent-d'Indy 🎹", "👩🏽‍🔧 à 21 °C", "ピアノ", "│ ✖ … – “x”", "a\nb"]) {
    assert.equal(printable(text), text);
  }
  const json = JSON.stringify({ [nasty]: [nasty, "\ud800", "\u{e0041}"] });
  assert.deepEqual(JSON.parse(printable(json)), JSON.parse(json), "JSON keeps its meaning");
  assert.match(printable(json), /"\\ud800","\\udb40\\udc41"/);
  assert.equal(table(["a", "b"], [[nasty, 1]]).split("\n").length, 5, "a cell is a line");
});

Deno.test("a name, an id and a message that hold orders for a terminal", async (test) => {
  await using platform = await smallShop();
  const { double, sql } = platform;
  const client = "cli_HbEwl9rN11pSuDEU";
  await sync(platform, "clients");
  await sql`
    update gazelle_clients set tags = '{institutional}', preference_notes = ${"ours " + nasty}
    where external_id = ${client}`;
  double.order({ kind: "edit", id: client, fields: { companyName: nasty, preferenceNotes: nasty } });
  double.order({
    kind: "malformed_record",
    field: "allClients",
    record: 3,
    path: "id",
    value: nasty.repeat(5),
  });
  await sync(platform, "clients");
  await clearFaults(platform);
  await sql`
    insert into sync.rejected_records (run_id, external_id, path, reason, payload, is_mapped)
    select max(id), ${nasty}, ${nasty}, ${nasty}, '{}', false from sync.runs`;
  await sql`
    insert into sync.runs (stream, status, started_by, mark, error, lease_seconds, lease_until, finished_at)
    select 'clients', 'failed', ${nasty}, 1, ${
    sql.json({ code: nasty, message: nasty, details: nasty })
  }, 9, now(), now()`;

  const words = [
    ["run", "2"],
    ["run", "3"],
    ["runs"],
    ["rejected"],
    ["explain", "gazelle_clients", client],
    ["explain", "gazelle_clients", client, "preference_notes"],
    ["history", "gazelle_clients", client],
    ["export", `${platform.folder}/\u001b[2J.json`],
    ["doctor"],
    ["verify"],
  ];
  for (const word of words) {
    for (const more of [[], ["--json"]]) {
      await test.step([...word, ...more].join(" "), async () => {
        const way: Way = word[0] === "doctor" ? "folder" : "SQL";
        const { output } = await verb(platform, way, ...word, ...more);
        assert.deepEqual(orders(output), [], output);
        assert.doesNotMatch(output, /^✔/m, "no line that is not ours");
        if (!["verify", "doctor"].includes(word[0]!)) assert.match(output, /\\u001b\[2J/, output);
        if (more.length > 0 && output !== "") output.trim().split("\n").map((line) => JSON.parse(line));
      });
    }
  }

  await test.step("an error, and what a sync says", async () => {
    for (const more of [[], ["--json"]]) {
      const wrong = await verb(platform, "SQL", "explain", nasty.replaceAll("\u0000", ""), "x", ...more);
      assert.equal(wrong.code, 1);
      assert.deepEqual(orders(wrong.output), [], wrong.output);
      const records = Array.from({ length: 40 }, (_, place) => place);
      double.order({ kind: "field_error", field: "allClients", records, path: "id", message: nasty });
      const synced = await verb(platform, "URL and key", "sync", "clients", ...more);
      assert.deepEqual(orders(synced.output), [], synced.output);
      assert.match(synced.output, /\\u001b\[2J/);
      await clearFaults(platform);
    }
  });
});
