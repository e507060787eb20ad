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

/** The kinds of misses, each with the sentences that it was first seen in. */
const examples: Record<string, string[]> = {
  negation: ["Ni Dampp-Chaser ni humidificateur.", "Piano isn't equipped with a PLS.", "Life Saver: n/a"],
  removed: [
    "Le Dampp-Chaser a suivi l'ancien piano à Sherbrooke.",
    "We relocated the PLS to the concert hall piano.",
    "PLS ôté l'an passé. Pas la peine de traîner des buvards.",
  ],
  pending: [
    "Pose du PLS remise à janvier.",
    "Dampp-Chaser kit arriving Tuesday.",
    "If they add a PLS later, use the left outlet.",
  ],
  wish_beside: [
    "Proposed a new humidistat, the Dampp-Chaser is 22 years old.",
    "Accord trois semaines après l'install du PLS.",
    "She asked how much water her PLS takes.",
  ],
  dc: ["DC plein, branché.", "DC humming, all good."],
  drop_accents: [
    "Rien pour controler l humidite dans ce piano.",
    "Aucun contrôle d'hygrométrie installé sous la table.",
  ],
  elsewhere: [
    "Son frère a un PLS sur son Petrof.",
    "Second grand has the Dampp-Chaser.",
    "Le droit de l'étage a son PLS, le quart-de-queue n'en a pas.",
  ],
  parts: [
    "La barre chauffante sous le clavier est tiède.",
    "Topped up and the yellow light went out.",
  ],
  other_things: [
    "Le réservoir du pneumatique du pianola fuit.",
    "House humidistat reads 38.",
    "Taches d'encre enlevées au buvard.",
  ],
  told_over: ["Took out the old unit. It was a Dampp-Chaser."],
  unknown: ["Impossible de dire s'il y a un Dampp-Chaser.", "Can't tell whether there is a PLS."],
  not_interested: ["No PLS here and the owner is not interested."],
  replaced: ["Pulled the old PLS, put a fresh one in."],
  information: ["Texted her the Life Saver video.", "L'estimé du PLS, il l'a perdu."],
};

Deno.test("there are 300 notes that were written blind, ten more of each kind of miss, and none twice in its set", () => {
  const notes = parts.flat();
  const singles = (set: string) =>
    notes.filter((note) => note.set === set && note.entries.length === 1).length;
  assert.ok(singles("blind") >= 300, `${singles("blind")} notes`);
  const perKind = Object.groupBy(kinds!, ({ kind }) => kind!);
  assert.deepEqual(Object.keys(perKind).sort(), Object.keys(examples).sort());
  for (const [kind, sentences] of Object.entries(examples)) {
    const texts = perKind[kind]!.map(({ entries }) => entries[0]!.text);
    assert.deepEqual(sentences.filter((one) => !texts.includes(one)), [], kind);
    assert.ok(texts.length >= sentences.length + 10, `${kind}: ${texts.length}`);
  }
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
