import assert from "node:assert/strict";
import { judgeNotes, type Label, readNotes, score } from "../../bench/pls-notes.ts";
import { testDatabase } from "../fixtures/database.ts";

const parts = await Promise.all((["tune", "measure"] as const).map(readNotes));

Deno.test("there are at least 400 notes, of every label in both languages and parts, none of them twice", () => {
  const notes = parts.flat();
  assert.ok(notes.length >= 400, `${notes.length} notes`);
  const kinds = new Set(notes.map(({ part, language, label }) => `${part} ${language} ${label}`));
  assert.equal(kinds.size, 12);
  const bare = notes.map(({ text }) =>
    text.normalize("NFD").toLowerCase().replaceAll(/\p{M}/gu, "").replaceAll(/[^a-z0-9]+/g, " ").trim()
  );
  assert.deepEqual(bare.filter((text, at) => bare.indexOf(text) !== at), []);
});

Deno.test("each part is judged with a precision and recall of at least 0.98", async () => {
  await using database = await testDatabase();
  for (const notes of parts) {
    const { precision, recall } = score(notes, await judgeNotes(database.sql, notes));
    assert.ok(precision >= 0.98 && recall >= 0.98, `${notes[0]?.part}: ${precision}, ${recall}`);
  }
});

Deno.test("a missed note lowers recall, a false alarm precision", () => {
  const notes = (["installed", "installed", "removed", "nothing"] as const).map((label) => ({
    part: "tune" as const,
    language: "fr" as const,
    label,
    text: "",
  }));
  const judged = (...labels: Label[]) => score(notes, labels);
  assert.deepEqual(judged("installed", "installed", "removed", "nothing"), { precision: 1, recall: 1 });
  assert.deepEqual(judged("installed", "removed", "nothing", "nothing"), { precision: 1, recall: 0.5 });
  assert.deepEqual(judged("installed", "installed", "installed", "installed"), { precision: 0.5, recall: 1 });
  assert.deepEqual(judged("nothing", "nothing", "nothing", "nothing"), { precision: 0, recall: 0 });
});
