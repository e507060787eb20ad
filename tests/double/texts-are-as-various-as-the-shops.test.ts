import { ok, strictEqual } from "node:assert";
import { double, readAll } from "./client.ts";

Deno.test("the shop's text is as various as Montréal's", async () => {
  await using gazelle = await double();
  const contact =
    "defaultContact { firstName lastName defaultLocation { municipality } defaultEmail { email } }";
  const clients =
    (await readAll(gazelle, "allClients", `companyName personalNotes status ${contact}`)).records;
  const pianos = (await readAll(gazelle, "allPianos", "make model location notes status type year")).records;
  const entries = (await readAll(gazelle, "allTimelineEntries", "type summary comment")).records;
  const text = JSON.stringify([clients, pianos]);
  for (
    const sign of [
      "é",
      "Ï".toLowerCase(),
      "L'",
      "D’",
      "Saint-",
      "\u00a0",
      "🎹",
      "Nguyễn",
      "Шевченко",
      "\\n",
      "\\t",
      '""',
      "null",
    ]
  ) {
    ok(text.includes(sign), JSON.stringify(sign));
  }
  for (const rows of [clients, pianos, entries]) {
    const notes = rows.flatMap((row) =>
      [row.personalNotes, row.notes, row.comment].map((note) => String(note ?? ""))
    );
    ok(notes.some((note) => note.length > 10_000), "some notes are very long");
  }
  strictEqual(clients.some(({ companyName }) => companyName === null), true);
  strictEqual(clients.some(({ companyName }) => companyName === ""), true);
});

Deno.test("values that the schema does not list travel as data", async () => {
  await using gazelle = await double();
  const unknown = {
    allClients: "ARCHIVED_BY_OWNER",
    allPianos: "ON_LOAN",
    allEventsBatched: "RESCHEDULED_BY_CLIENT",
  };
  for (const [list, status] of Object.entries(unknown)) {
    const { records } = await readAll(gazelle, list, "id status");
    const share = records.filter((row) => row.status === status).length / records.length;
    ok(share > 0 && share < 0.01, `${status}: ${share}`);
    ok(records.some((row) => row.status !== status));
  }
});
