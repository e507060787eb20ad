import assert from "node:assert/strict";
import {
  detectNotes,
  falseHistories,
  type Note,
  type Outcome,
  readNotes,
  score,
} from "../../bench/pls-notes.ts";
import { testDatabase } from "../fixtures/database.ts";

const names = ["tune", "measure", "kinds", "blind", "fresh", "foreign"] as const;
const parts = await Promise.all(names.map(readNotes));
const [, , kinds] = parts;

Deno.test("there are 300 notes that were written blind, ten more of each kind of miss, and none twice in its set", () => {
  const notes = parts.flat();
  const singles = (set: string) =>
    notes.filter((note) => note.set === set && note.entries.length === 1).length;
  assert.ok(singles("blind") >= 300, `${singles("blind")} notes`);
  const perKind = Object.values(Object.groupBy(kinds!, ({ kind }) => kind!)).map((group) => group!.length);
  assert.ok(perKind.length === 14 && Math.min(...perKind) >= 12, String(perKind));
  const bare = notes.map(({ entries }) =>
    entries.map(({ text }) => text).join(" ").normalize("NFD").toLowerCase()
      .replaceAll(/\p{M}/gu, "").replaceAll(/[^a-z0-9]+/g, " ").trim()
  );
  const keys = bare.map((text, at) => `${notes[at]!.set}: ${text}`);
  assert.deepEqual(keys.filter((key, at) => keys.indexOf(key) !== at), []);
});

Deno.test("badges and removals are right on every set that a bar is set on", async (test) => {
  await using database = await testDatabase();
  for (const notes of parts) {
    const outcomes = await detectNotes(database.sql, notes);
    const set = notes[0]!.set;
    if (set === "kinds") {
      await test.step("each example of each kind of miss", () => eachIsRight(notes, outcomes));
    }
    if (set === "foreign") continue;
    await test.step(`${set}: precision at least 0.97, recall 0.85, 0.95 with the list`, () => {
      const badges = score(notes, outcomes);
      const removals = score(notes, outcomes, "removed");
      for (const { precision, recall } of [badges, removals]) {
        assert.ok(precision >= 0.97 && recall >= 0.85, JSON.stringify({ badges, removals }));
      }
      const { recall } = score(notes, outcomes, "installed", ["installed", "check"]);
      assert.ok(recall >= 0.95, `${recall} with the list`);
      assert.equal(falseHistories(notes, outcomes), 0);
    });
  }
});

Deno.test("a missed note lowers recall, a false alarm precision, and the list counts where it is asked for", () => {
  const notes = (["installed", "installed", "removed", "nothing"] as const).map((label): Note => ({
    set: "tune",
    language: "fr",
    label,
    kind: label === "removed" ? "history" : null,
    entries: [],
  }));
  const judged = (...outcomes: Outcome[]) => score(notes, outcomes);
  assert.deepEqual(judged("installed", "installed", "removed", "nothing"), { precision: 1, recall: 1 });
  assert.deepEqual(judged("installed", "check", "nothing", "nothing"), { precision: 1, recall: 0.5 });
  assert.deepEqual(judged("installed", "installed", "installed", "installed"), { precision: 0.5, recall: 1 });
  assert.deepEqual(judged("nothing", "nothing", "nothing", "nothing"), { precision: 0, recall: 0 });
  const listed = score(notes, ["installed", "check", "nothing", "nothing"], "installed", [
    "installed",
    "check",
  ]);
  assert.deepEqual(listed, { precision: 1, recall: 1 });
  assert.equal(falseHistories(notes, ["installed", "installed", "installed", "nothing"]), 1);
});

/** What nobody can tell may be asked, and takes no side. */
function eachIsRight(notes: Note[], outcomes: Outcome[]): void {
  const wrong = notes.flatMap(({ kind, label, entries }, at) => {
    const found = outcomes[at]!;
    const isRight = found === label || label === "nothing" && found === "check";
    return isRight ? [] : [`${kind}: ${found} for ${entries[0]!.text}`];
  });
  assert.deepEqual(wrong, []);
}
