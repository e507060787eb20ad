// The labelled notes, and what the detection makes of them: the notes of a set become the notes of pianos, and a pass
// runs over them.

import { readFile } from "node:fs/promises";
import type postgres from "postgres";

/** What is true of a piano: that there is a system, that there is none (any more), or that nobody can tell. */
export type Label = "installed" | "removed" | "nothing";

/** What the detection makes of a piano. `check`: it is on the list that a person is asked. */
export type Outcome = Label | "check";

export type Language = "fr" | "en" | "mixed";

export interface Entry {
  /** A day, such as 2024-05-06. */
  on: string;
  text: string;
}

/** A piano: one note, or a history of several. */
export interface Note {
  set: NoteSet;
  language: Language;
  label: Label;
  /** What makes it hard, where its set says so. */
  kind: string | null;
  entries: Entry[];
}

/** The sets of `bench/pls-notes`, and who wrote the notes. */
export const sets = {
  tune: "by the author of the rules, who tuned them on it",
  measure: "by the author of the rules, who has seen it since",
  kinds: "by the author of the rules: examples of each kind of miss",
  blind: "written before these rules, without sight of any",
  fresh: "by the author of the rules, after them; rules were mended since for the kinds that they missed",
  foreign:
    "in another voice, typed on a phone, by the last to mend the rules; labelled before any was run on them",
} as const;

export type NoteSet = keyof typeof sets;

type Labels = Record<Language, Record<Label, string[]>>;
type History = { language: Language; label: Label; notes: Entry[] };
type Written = Labels | { kinds: Record<string, Labels>; histories?: History[] };

export async function readNotes(set: NoteSet): Promise<Note[]> {
  const text = await readFile(new URL(`pls-notes/${set}.json`, import.meta.url), "utf8");
  const written = JSON.parse(text) as Written;
  if (!("kinds" in written)) return notesOf(set, null, written);
  return [
    ...Object.entries(written.kinds).flatMap(([kind, labels]) => notesOf(set, kind, labels)),
    ...(written.histories ?? []).map(({ language, label, notes }) => ({
      set,
      language,
      label,
      kind: "history",
      entries: notes,
    })),
  ];
}

function notesOf(set: NoteSet, kind: string | null, labels: Labels): Note[] {
  return Object.entries(labels).flatMap(([language, byLabel]) =>
    Object.entries(byLabel).flatMap(([label, texts]) =>
      texts.map((text): Note => ({
        set,
        language: language as Language,
        label: label as Label,
        kind,
        entries: [{ on: "2024-01-15", text }],
      }))
    )
  );
}

/** Makes each note a piano of a database that has none, runs a pass, and reads what became of the pianos. */
export async function detectNotes(sql: postgres.Sql, notes: Note[]): Promise<Outcome[]> {
  // A piano that comes back has its badge again, so each set has pianos of its own.
  const id = (index: number) => `ins_${notes[index]!.set}_${index}`;
  const pianos = notes.map((_, index) => ({ external_id: id(index) }));
  const entries = notes.flatMap((note, index) =>
    note.entries.map(({ on, text }, place) => ({
      external_id: `tme_${id(index)}_${place}`,
      piano_id: id(index),
      occurred_at: on,
      entry_type: "SERVICE_ENTRY_MANUAL",
      description: text,
    }))
  );
  await sql`insert into gazelle_pianos ${sql(pianos)}`;
  await sql`insert into gazelle_timeline_entries ${sql(entries)}`;
  await sql`select detect_pls()`;
  const rows = await sql<{ piano: string; outcome: Outcome }[]>`
    select p.external_id as piano,
      case
        when p.dampp_chaser_installed then 'installed'
        when v.says = 'against' then 'removed'
        when c.piano is not null then 'check'
        else 'nothing'
      end as outcome
    from gazelle_pianos p
    left join pls.verdicts(array(select external_id from gazelle_pianos)) v on v.piano_id = p.external_id
    left join pls_to_check c on c.piano = p.external_id`;
  await sql`delete from gazelle_timeline_entries`;
  await sql`delete from gazelle_pianos`;
  const outcomes = new Map(rows.map(({ piano, outcome }) => [piano, outcome]));
  return notes.map((_, index) => outcomes.get(id(index))!);
}

/**
 * The old script is not available. These are nine substrings in its manner: lower case, without word boundaries, from
 * wordings that the script is known to have looked for.
 */
export const oldSubstrings = [
  "dampp",
  "chaser",
  "piano life saver",
  "life saver",
  "pls",
  "humidit",
  "buvard",
  "pad",
  "traitement",
];

export function judgeAsBefore(notes: Note[]): Outcome[] {
  return notes.map(({ entries }) =>
    oldSubstrings.some((part) => entries.some(({ text }) => text.toLowerCase().includes(part)))
      ? "installed"
      : "nothing"
  );
}

export interface Score {
  precision: number;
  recall: number;
}

/** How well pianos with the label `label` are found; 0 where there is nothing to divide by. */
export function score(
  notes: Note[],
  outcomes: Outcome[],
  label: Label = "installed",
  counts: Outcome[] = [label],
): Score {
  const found = outcomes.filter((one) => counts.includes(one)).length;
  const truly = notes.filter((note) => note.label === label).length;
  const both =
    notes.filter((note, index) => note.label === label && counts.includes(outcomes[index]!)).length;
  return { precision: found === 0 ? 0 : both / found, recall: truly === 0 ? 0 : both / truly };
}

/** The histories that have a badge though their last strong word is against it. */
export function falseHistories(notes: Note[], outcomes: Outcome[]): number {
  return notes.filter(({ kind, label }, index) =>
    kind === "history" && label !== "installed" && outcomes[index] === "installed"
  ).length;
}
