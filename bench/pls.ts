// `npm run bench -- pls`: how well notes about the Piano Life Saver are told apart, and how fast.

import { table } from "../cli/table.ts";
import { type BenchServer, installAll } from "./database.ts";
import {
  detectNotes,
  falseHistories,
  judgeAsBefore,
  type Language,
  type Note,
  type NoteSet,
  type Outcome,
  readNotes,
  score,
  sets,
} from "./pls-notes.ts";
import { type Speed, speeds } from "./pls-speed.ts";
import { outcome, printJson, tell, whole } from "./report.ts";

export interface PlsOptions {
  json?: true;
  quick?: true;
}

/** The least that holds on each set of notes. */
const bars = { precision: 0.97, recall: 0.85, recallWithList: 0.95, falseHistories: 0 };

interface Quality {
  set: NoteSet;
  language: Language | "all";
  judge: "rules" | "rules and three names" | "nine substrings";
  pianos: number;
  badges: { precision: number; recall: number };
  /** Counting the pianos that a person is asked about. */
  recallWithList: number;
  removals: { precision: number; recall: number };
  toCheck: number;
  falseHistories: number;
  /** Null where no limit is set. */
  ok: boolean | null;
}

/** Measures and prints. @returns whether every limit is kept */
export async function benchPls(server: BenchServer, { json, quick }: PlsOptions): Promise<boolean> {
  const qualities = await judgeAll(server);
  if (json) qualities.forEach(printJson);
  else console.log(qualityTable(qualities));
  const found: Speed[] = [];
  const clock = () => performance.now();
  for (const [scale, limit] of quick ? [[1, 2_000]] as const : [[1, 2_000], [100, 240_000]] as const) {
    for await (const speed of speeds(server, scale, limit, clock)) {
      found.push(speed);
      tell(speed, json);
    }
  }
  if (!json) console.log(speedTable(found, server.version));
  return qualities.every(({ ok }) => ok !== false) && found.every(({ ok }) => ok);
}

async function judgeAll(server: BenchServer): Promise<Quality[]> {
  const template = await server.template("pls_rules", installAll, "template0");
  await using database = await server.copy(template);
  const found: Quality[] = [];
  for (const set of Object.keys(sets) as NoteSet[]) {
    const notes = await readNotes(set);
    const outcomes = await detectNotes(database.person, notes);
    found.push(quality(notes, outcomes, "all", "rules"));
    for (const language of ["fr", "en", "mixed"] as const) {
      const chosen = notes.filter((note) => note.language === language);
      if (chosen.length === 0) continue;
      found.push(
        quality(chosen, outcomes.filter((_, at) => notes[at]!.language === language), language, "rules"),
      );
    }
    found.push(quality(notes, judgeAsBefore(notes), "all", "nine substrings"));
  }
  const notes = await readNotes("foreign");
  await database.person`insert into pls_rules (name, kind, pattern) values
    ('typed_pls', 'system', '\\mpls\\M'), ('typed_dc', 'system', '\\mdc\\M'), ('typed_ls', 'system', '\\mls\\M')`;
  found.push(quality(notes, await detectNotes(database.person, notes), "all", "rules and three names"));
  return found;
}

function quality(
  notes: Note[],
  outcomes: Outcome[],
  language: Quality["language"],
  judge: Quality["judge"],
): Quality {
  const badges = score(notes, outcomes);
  const removals = score(notes, outcomes, "removed");
  const recallWithList = score(notes, outcomes, "installed", ["installed", "check"]).recall;
  const wrong = falseHistories(notes, outcomes);
  const keeps =
    [badges, removals].every(({ precision, recall }) =>
      precision >= bars.precision && recall >= bars.recall
    ) && recallWithList >= bars.recallWithList && wrong <= bars.falseHistories;
  return {
    set: notes[0]!.set,
    language,
    judge,
    pianos: notes.length,
    badges,
    recallWithList,
    removals,
    toCheck: outcomes.filter((one) => one === "check").length,
    falseHistories: wrong,
    // No rule was mended for these notes: they show how far the rules carry, and have no bar.
    ok: judge === "rules" && language === "all" && notes[0]!.set !== "foreign" ? keeps : null,
  };
}

function qualityTable(qualities: Quality[]): string {
  const head = [
    "Notes",
    "",
    "Judge",
    "Badges: precision",
    "recall",
    "with list",
    "Removals: precision",
    "recall",
    "To check",
    "",
  ];
  const rows = qualities.map((one) => [
    `${one.set}, ${one.language}`,
    one.pianos,
    one.judge,
    one.badges.precision.toFixed(3),
    one.badges.recall.toFixed(3),
    one.recallWithList.toFixed(3),
    one.removals.precision.toFixed(3),
    one.removals.recall.toFixed(3),
    one.toCheck,
    outcome(one.ok),
  ]);
  const whose = Object.entries(sets).map(([set, text]) => `${set}: ${text}`).join("\n");
  return `${table(head, rows)}\n${whose}`;
}

function speedTable(found: Speed[], version: string): string {
  const rows = found.map(({ name, wall, value, limit, ok }) => [
    name,
    `${whole(wall)} ms`,
    `${whole(value)} ms`,
    `${whole(limit)} ms`,
    outcome(ok),
  ]);
  return `\nPostgres ${version}; no two notes alike; own time is the time without waiting for a processor\n${
    table(["Detection", "Time", "Own time", "Limit", ""], rows)
  }`;
}
