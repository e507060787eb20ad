// Tables that fit the terminal: with borders where there is room, else without them and with long texts on several lines;
// where even that is too wide, each row takes as many lines as it needs.

import process from "node:process";
import Table from "cli-table3";
import { oneLine } from "./terminal.ts";

export type Cell = string | number | null;

/**
 * A table with a head. Columns of numbers are aligned to the right; null is a number that nobody knows.
 * @param width in columns; by default that of the terminal, and without one, as in a pipe, there is no limit
 */
export function table(head: string[], rows: Cell[][], width = process.stdout.columns ?? Infinity): string {
  const shown = rows.map((row) => row.map(textOf));
  const isNumeric = head.map((_, column) => rows.every((row) => typeof row[column] !== "string"));
  const boxed = drawBoxed(head, shown, isNumeric);
  if (widthOf(boxed.split("\n")[0]!) <= width) return boxed;
  const columns = head.map((name, column) => [name, ...shown.map((row) => row[column]!)]);
  const narrow = narrowed(columns, isNumeric, width - gap.length * (head.length - 1));
  return narrow === null
    ? drawFolded(head, shown, isNumeric, width)
    : drawOpen(head, shown, isNumeric, narrow);
}

function textOf(cell: Cell): string {
  return typeof cell === "number" ? cell.toLocaleString("en-CA") : oneLine(cell ?? "–");
}

function drawBoxed(head: string[], rows: string[][], isNumeric: boolean[]): string {
  const colAligns = isNumeric.map((is) => is ? "right" as const : "left" as const);
  const made = new Table({ head, colAligns, style: { head: [], border: [], compact: true } });
  made.push(...rows);
  return made.toString();
}

const gap = "  ";

function drawOpen(head: string[], rows: string[][], isNumeric: boolean[], widths: number[]): string {
  const rule = widths.map((width) => "─".repeat(width));
  return [head, rule, ...rows].flatMap((row) => {
    const cells = row.map((cell, column) => wrapped(cell, widths[column]!));
    const height = Math.max(...cells.map(({ length }) => length));
    return Array.from(
      { length: height },
      (_, line) =>
        cells.map((lines, column) => padded(lines[line] ?? "", widths[column]!, isNumeric[column]!)).join(gap)
          .trimEnd(),
    );
  }).join("\n");
}

function padded(text: string, width: number, isRight: boolean): string {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return isRight ? space + text : text + space;
}

/**
 * The widths of the columns, when what is too much is taken from the widest texts. Null if they would have to break words:
 * an id is copied from here.
 */
function narrowed(columns: string[][], isNumeric: boolean[], room: number): number[] | null {
  const narrow = columns.map((texts) => Math.max(...texts.map(widthOf)));
  const spare = columns.map((texts, column) =>
    isNumeric[column]
      ? 0
      : narrow[column]! - Math.max(...texts.flatMap((text) => text.split(" ")).map(widthOf))
  );
  for (let rest = narrow.reduce((sum, one) => sum + one, 0) - room; rest > 0; rest--) {
    const widest = narrow.reduce(
      (found, width, column) =>
        spare[column]! > 0 && (found === -1 || width > narrow[found]!) ? column : found,
      -1,
    );
    if (widest === -1) return null;
    narrow[widest]!--;
    spare[widest]!--;
  }
  return narrow;
}

const unbroken = "\u00a0";

/** The first columns on a line, as many as it holds up to the first number, and what follows them below, with its names. */
function drawFolded(head: string[], rows: string[][], isNumeric: boolean[], width: number): string {
  const first = Math.max(
    1,
    head.findIndex((_, at) =>
      isNumeric[at] && isNumeric.slice(0, at).includes(false) ||
      rows.some((row) => widthOf(row.slice(0, at + 1).join(gap)) > width)
    ),
  );
  return rows.flatMap((row) => {
    const named = row.slice(first).flatMap((cell, at) =>
      cell === "" ? [] : [`${head[first + at]} ${cell}`.trim()]
    )
      .map((part) => widthOf(part) < width / 2 ? part.replaceAll(" ", unbroken) : part);
    return [
      ...wrapped(row.slice(0, first).filter(Boolean).join(gap), width),
      ...wrapped(named.join(", "), width - gap.length).map((line) => gap + line.replaceAll(unbroken, " ")),
    ];
  }).join("\n");
}

/** A text that goes on below, indented, where the terminal ends. */
export function hanging(text: string, width = process.stdout.columns ?? Infinity): string[] {
  const [first = "", ...rest] = wrapped(text, width - gap.length);
  return [first, ...rest.map((line) => gap + line)];
}

/** The text on lines, broken at spaces; a word that is longer than a line is cut. */
function wrapped(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(/(?<= )(?! )/)) {
    if (widthOf(lines.at(-1)! + word.trimEnd()) > width && lines.at(-1) !== "") lines.push("");
    for (const letter of lettersOf(word)) {
      if (letter !== " " && widthOf(lines.at(-1)! + letter) > width) lines.push("");
      lines[lines.length - 1] += letter;
    }
  }
  return lines.map((line) => line.trimEnd());
}

const segmenter = new Intl.Segmenter();
const lettersOf = (text: string) => Array.from(segmenter.segment(text), ({ segment }) => segment);

/** Emoji and East Asian letters take two columns. */
const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u;

function widthOf(text: string): number {
  return /^[\x20-\x7e]*$/.test(text)
    ? text.length
    : lettersOf(text).reduce((sum, letter) => sum + (wide.test(letter) ? 2 : 1), 0);
}
