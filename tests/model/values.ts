// Values as the database prints them: a scalar is its text, an array its elements; what counts as blank, and
// when two values are the same.

export type Value = string | null | (string | null)[];

/** A type of column, and the values that the test writes into it. */
export interface Kind {
  type: string;
  pool: Value[];
  /** Values that a policy may declare blank. */
  blankable?: string;
}

const json: Value[] = [
  null,
  "null",
  '""',
  "[]",
  "{}",
  "[null]",
  '{"by": "hand"}',
  '{"from": "gazelle"}',
  "[1, 2]",
  "0",
  "false",
];
const tags: Value[] = [
  null,
  [],
  [null],
  ["", " "],
  ["a"],
  ["b"],
  ["a", "b"],
  ["b", "a"],
  ["c", null, "a"],
  ["A "],
  ["\u00e9"],
  [" E\u0301", "b"],
  ["d", "b"],
];

export const kinds: Kind[] = [
  { type: "text", pool: [null, "", "  ", "\u00a0", "x", "y", "by hand", 'it\'s \\ "q"'], blankable: "y" },
  { type: "citext", pool: [null, "", "x", "X", "y"] },
  { type: "integer", pool: [null, "0", "1", "2"], blankable: "0" },
  { type: "numeric", pool: [null, "0", "1.5", "1.50", "2.25"] },
  { type: "boolean", pool: [null, "false", "true"], blankable: "false" },
  { type: "date", pool: [null, "2026-01-19", "1931-05-02"] },
  { type: "timestamptz", pool: [null, "2026-01-19 08:00:00+00", "1931-05-02 23:59:59.123456+00"] },
  {
    type: "uuid",
    pool: [null, "0b7e9f6e-8d4c-4d0a-9d2c-3f1f6a1f0c11", "ffffffff-0000-4000-8000-000000000000"],
  },
  { type: "bytea", pool: [null, "\\x", "\\x00ff", "\\x6869"] },
  { type: "model.mood", pool: [null, "calm", "loud", "out of tune"] },
  { type: "json", pool: [...json, '{"by":"hand"}'] },
  { type: "jsonb", pool: json },
  { type: "text[]", pool: tags },
  { type: "integer[]", pool: [null, [], [null], ["1"], ["2"], ["1", "2"], ["2", "1"], ["3", null, "1"]] },
];

export const isSetType = (type: string): boolean => type.endsWith("[]");

export function isBlank(value: Value, type: string, blankValues: string[] = []): boolean {
  if (value === null) return true;
  if (typeof value !== "string") return value.every((element) => element === null || isBlankText(element));
  if (blankValues.includes(value)) return true;
  if (type === "json" || type === "jsonb") return isBlankJson(JSON.parse(value));
  return ["text", "citext"].includes(type) && isBlankText(value);
}

const isBlankText = (value: string): boolean => /^[\s\u200b\ufeff]*$/u.test(value);

function isBlankJson(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isBlankJson);
  if (typeof value === "string") return isBlankText(value);
  return value === null || (typeof value === "object" && Object.keys(value).length === 0);
}

/** What a value means, whatever its spelling: by this a claim recognises it. */
export function meaning(value: Value, type: string): string {
  if (value === null) return "NULL";
  if (typeof value !== "string") return JSON.stringify(value);
  if (type === "json" || type === "jsonb") return JSON.stringify(sorted(JSON.parse(value)));
  if (type === "numeric") return String(Number(value));
  if (type === "timestamptz") return value.replace("T", " ").replace(/\+00:00$/, "+00");
  return value;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([name, part]) => [name, sorted(part)]),
  );
}

/** Whether a write changes nothing: types without an equality of their own are compared to the letter. */
export function isSame(a: Value, b: Value, type: string): boolean {
  return type === "json" ? JSON.stringify(a) === JSON.stringify(b) : meaning(a, type) === meaning(b, type);
}

/** A set as sets are compared: each element once, without case, outer space, other forms of its accents, and blanks. */
export function elementsOf(value: Value): Set<string> {
  const elements = typeof value === "string" || value === null ? [] : value;
  return new Set(
    elements.flatMap((element) =>
      element === null || isBlankText(element) ? [] : [element.normalize("NFC").trim().toLowerCase()]
    ),
  );
}
