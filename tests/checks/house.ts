import type { Finding } from "./deno.ts";
import type { SourceFile } from "./files.ts";

export function hasStrayWhitespace({ path, text }: SourceFile): Finding[] {
  const lines = linesWith(path, text, /\t|[ \t]+$/, "tab or trailing space");
  const ends = text.endsWith("\n") && !text.endsWith("\n\n");
  return ends || text === ""
    ? lines
    : [...lines, { place: path, message: "does not end with exactly one line end" }];
}

const width = 120;

/** What is said to people is not broken in the middle: the text of an SQL literal does not count. */
export function hasLongLines({ path, text }: SourceFile): Finding[] {
  const code = text.replaceAll(/'(?:[^'\n]|'')*'/g, "''");
  return linesWith(path, code, new RegExp(`^.{${width + 1},}$`, "u"), `longer than ${width} characters`);
}

/** Sizes in lines: aimed at, and at most. The first kind that fits counts. */
const sizes: [kind: RegExp, aim: number, most: number][] = [
  [/^README\.md$/, 100, 140],
  // Built from the schema files.
  [/^supabase\/migrations\/.*\.sql$/, 5000, 10_000],
  [/^supabase\/schemas\/.*\.sql$/, 200, 450],
  [/^tests\/.*\.sql$/, 30, 80],
  // Generated, for the compiler to read.
  [/^supabase\/functions\/_shared\/(database-|gazelle\/)types\.ts$/, 1000, 2000],
  [/\.ts$/, 120, 250],
];

export function isTooLong({ path, text }: SourceFile): Finding[] {
  const [, aim, most] = sizes.find(([kind]) => kind.test(path)) ?? [];
  const lines = text.split("\n").length - 1;
  if (aim === undefined || most === undefined || lines <= aim) return [];
  if (lines > most) return [{ place: path, message: `${lines} lines, at most ${most}` }];
  return [{ place: path, message: `${lines} lines, ${aim} to aim at`, warning: true }];
}

function linesWith(path: string, text: string, pattern: RegExp, message: string): Finding[] {
  return text.split("\n").flatMap((line, index) =>
    pattern.test(line) ? [{ place: `${path}:${index + 1}`, message }] : []
  );
}
