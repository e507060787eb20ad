// `npm run bench -- pls`: how well notes about the Piano Life Saver are told apart, and how fast.

import { table } from "../cli/terminal.ts";
import { type BenchServer, installAll } from "./database.ts";
import {
  judgeAsBefore,
  judgeNotes,
  type Label,
  type Note,
  readNotes,
  type Score,
  score,
} from "./pls-notes.ts";
import { type Speed, speeds } from "./pls-speed.ts";
import { outcome, printJson, tell, whole } from "./report.ts";

export interface PlsOptions {
  json?: true;
  quick?: true;
}

/** The least precision and recall on the notes that no rule was tuned on. */
const bar = 0.98;

interface Quality extends Score {
  name: string;
  notes: number;
  label: Label;
  judge: "rules" | "nine substrings";
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
  for (const part of ["tune", "measure"] as const) {
    const notes = await readNotes(part);
    const byRules = await judgeNotes(database.person, notes);
    const before = judgeAsBefore(notes);
    const told = (label: Label) => quality(notes, label, "rules", score(notes, byRules, label));
    found.push(told("installed"), told("removed"));
    found.push(quality(notes, "installed", "nine substrings", score(notes, before)));
  }
  return found;
}

function quality(notes: Note[], label: Label, judge: Quality["judge"], score: Score): Quality {
  const name = notes[0]!.part;
  const judged = name === "measure" && label === "installed" && judge === "rules";
  const ok = judged ? score.precision >= bar && score.recall >= bar : null;
  return { name, notes: notes.length, label, judge, ...score, ok };
}

function qualityTable(qualities: Quality[]): string {
  const head = ["Notes", "", "Label", "Judge", "Precision", "Recall", "Bar", ""];
  const rows = qualities.map(({ name, notes, label, judge, precision, recall, ok }) => [
    name,
    notes,
    label,
    judge,
    precision.toFixed(3),
    recall.toFixed(3),
    ok === null ? "" : bar.toFixed(2),
    outcome(ok),
  ]);
  return table(head, rows);
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
