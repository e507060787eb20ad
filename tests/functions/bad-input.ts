// What a Gazelle gone mad may send in the place of one field, and what is to become of the record.

export type Target = {
  stream: string;
  root: string;
  /** What leads from a record of the root to the one that is broken. */
  below: string;
  /** Field and column. */
  text: [string, string];
  moment: [string, string];
  name?: [string, string];
  number?: [string, string];
  client?: [string, string];
};

const link = ["client.id", "client_external_id"] as [string, string];

export const targets: Target[] = [
  {
    stream: "users",
    root: "allUsers",
    below: "",
    ...fields("lastName", "updatedAt"),
    name: ["accessLevel", "role"],
  },
  {
    stream: "clients",
    root: "allClients",
    below: "",
    ...fields("personalNotes", "createdAt"),
    name: ["status", "status"],
  },
  {
    stream: "contacts",
    root: "allClients",
    below: "allContacts.nodes.0.",
    ...fields("lastName", "createdAt"),
    client: link,
  },
  {
    stream: "pianos",
    root: "allPianos",
    below: "",
    ...fields("notes", "updatedAt"),
    name: ["status", "status"],
    number: ["year", "year"],
    client: link,
  },
  {
    stream: "appointments",
    root: "allEventsBatched",
    below: "",
    ...fields("notes", "start"),
    moment: ["start", "start_datetime"],
    name: ["status", "status"],
    number: ["duration", "duration_minutes"],
    client: link,
  },
  {
    stream: "timeline",
    root: "allTimelineEntries",
    below: "",
    text: ["comment", "description"],
    moment: ["occurredAt", "occurred_at"],
    name: ["type", "entry_type"],
    client: ["client.id", "client_id"],
  },
];

export type Mistake = {
  what: string;
  field: string;
  /** Without a value the key is left out. */
  value?: string | number | boolean | null | string[] | Record<string, string>;
  /** The column that then holds the value; without one the record is quarantined. */
  stored?: string;
};

export function mistakesOf({ text, moment, name, number, client }: Target): Mistake[] {
  const [words, wordsColumn] = text;
  return [
    { what: "no id", field: "id" },
    { what: "a null id", field: "id", value: null },
    { what: "an empty id", field: "id", value: "" },
    { what: "a number for an id", field: "id", value: 7 },
    { what: "a NUL in the id", field: "id", value: "cli_\0" },
    { what: "a number for a text", field: words, value: 7 },
    { what: "an object for a text", field: words, value: { text: "x" } },
    { what: "a list for a text", field: words, value: ["x"] },
    { what: "a NUL", field: words, value: "a\0b" },
    { what: "a high surrogate alone", field: words, value: "\ud83c fin" },
    { what: "a low surrogate alone", field: words, value: "fin \udfb9" },
    { what: "a text of 10 MB", field: words, value: "é♯".repeat(2_000_000), stored: wordsColumn },
    {
      what: "a text like SQL",
      field: words,
      value: "'); drop table gazelle_pianos; --",
      stored: wordsColumn,
    },
    { what: "the year 0", field: moment[0], value: "0000-01-01T00:00:00Z" },
    { what: "a 30th of February", field: moment[0], value: "2026-02-30T00:00:00Z" },
    { what: "yesterday for a moment", field: moment[0], value: "yesterday" },
    { what: "a number for a moment", field: moment[0], value: 1768831200 },
    { what: "the year 9999", field: moment[0], value: "9999-12-31T23:59:59Z", stored: moment[1] },
    { what: "the year 1", field: moment[0], value: "0001-01-01T12:00:00Z", stored: moment[1] },
    ...(name
      ? [{ what: "a value of an enum nobody knew", field: name[0], value: "HOLOGRAM", stored: name[1] }]
      : []),
    ...(client
      ? [{
        what: "a client that does not exist",
        field: client[0],
        value: "cli_NoSuchClient0000",
        stored: client[1],
      }]
      : []),
    ...(number
      ? [
        { what: "a text for a number", field: number[0], value: "1921" },
        { what: "a number no integer holds", field: number[0], value: 99_999_999_999 },
        { what: "half a number", field: number[0], value: 19.5 },
        { what: "a number below zero", field: number[0], value: -1, stored: number[1] },
      ]
      : []),
  ];
}

function fields(text: string, moment: string): Pick<Target, "text" | "moment"> {
  const column = (field: string) => field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return { text: [text, column(text)], moment: [moment, column(moment)] };
}
