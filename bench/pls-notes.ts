// The labelled notes, what the rules say of them, and what nine substrings in the manner of the old script say.

import { readFile } from "node:fs/promises";
import type postgres from "postgres";

/** What a note says of a system in the piano: that there is one, that there is none (any more), or nothing. */
export type Label = "installed" | "removed" | "nothing";

export interface Note {
  /** The rules were tuned on the part `tune`; the part `measure` judges them. */
  part: "tune" | "measure";
  language: "fr" | "en";
  label: Label;
  text: string;
}

export async function readNotes(part: Note["part"]): Promise<Note[]> {
  const text = await readFile(new URL(`pls-notes/${part}.json`, import.meta.url), "utf8");
  const languages = JSON.parse(text) as Record<Note["language"], Record<Label, string[]>>;
  return Object.entries(languages).flatMap(([language, labels]) =>
    Object.entries(labels).flatMap(([label, texts]) =>
      texts.map((text): Note => ({
        part,
        language: language as Note["language"],
        label: label as Label,
        text,
      }))
    )
  );
}

/** What the rules say of each note. The last sentence that says something of a system decides. */
export async function judgeNotes(sql: postgres.Sql, notes: Note[]): Promise<Label[]> {
  const rows = await sql<{ no: number; says: string }[]>`
    select distinct on (text_no) text_no::integer as no, says
    from pls.judge(${notes.map(({ text }) => text)})
    where says <> 'nothing'
    order by text_no, place desc`;
  const said = new Map(rows.map(({ no, says }) => [no, says]));
  return notes.map((_, index) => {
    const says = said.get(index + 1);
    return says === undefined ? "nothing" : says === "for" ? "installed" : "removed";
  });
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

export function judgeAsBefore(notes: Note[]): Label[] {
  return notes.map(({ text }) =>
    oldSubstrings.some((part) => text.toLowerCase().includes(part)) ? "installed" : "nothing"
  );
}

export interface Score {
  precision: number;
  recall: number;
}

/** How well notes with the label `label` are found; 0 where there is nothing to divide by. */
export function score(notes: Note[], judged: Label[], label: Label = "installed"): Score {
  const truly = notes.filter((note) => note.label === label).length;
  const found = judged.filter((one) => one === label).length;
  const both = notes.filter((note, index) => note.label === label && judged[index] === label).length;
  return { precision: found === 0 ? 0 : both / found, recall: truly === 0 ? 0 : both / truly };
}
