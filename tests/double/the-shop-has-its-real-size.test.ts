import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { ask, double, readAll, type Row } from "./client.ts";

interface ClientRow {
  id: string;
  defaultContact: { id: string };
  allContacts: { nodes: { id: string }[] };
  allPianos: { nodes: { id: string }[] };
}

Deno.test("the shop has its real size, and no id occurs twice", async () => {
  await using gazelle = await double();
  const sizes = { allClients: 1_344, allPianos: 1_031, allTimelineEntries: 23_869 };
  for (const [field, size] of Object.entries(sizes)) {
    const { records, totals } = await readAll(gazelle, field);
    deepStrictEqual([records.length, [...totals]], [size, [size]], field);
    strictEqual(new Set(records.map(({ id }) => id)).size, size, `${field}: ids are unique`);
  }
});

Deno.test("events are all there once cancelled ones are asked for", async () => {
  await using gazelle = await double();
  const every = ", filters: { status: [ACTIVE, CANCELED, NO_SHOW, COMPLETE] }";
  const shown = (await readAll(gazelle, "allEventsBatched", "id status")).records;
  const listed = (await readAll(gazelle, "allEventsBatched", "id status", { args: every })).records;
  const canceled = listed.filter(({ status }) => status === "CANCELED").length;
  const unknown = shown.filter(({ status }) => status === "RESCHEDULED_BY_CLIENT").length;
  ok(canceled > 300 && unknown > 0);
  ok(shown.every(({ status }) => status !== "CANCELED"));
  strictEqual(shown.length + canceled, gazelle.shop.counts.event);
  strictEqual(listed.length + unknown, gazelle.shop.counts.event);
});

Deno.test("every client has its default contact, and contacts are unique over all clients", async () => {
  await using gazelle = await double();
  const selection = "defaultContact { id } allContacts { nodes { id } }";
  const { records } = await readAll<ClientRow>(gazelle, "allClients", selection);
  const contacts = records.flatMap(({ allContacts }) => allContacts.nodes.map(({ id }) => id));
  const known = new Set(contacts);
  ok(records.every(({ defaultContact }) => known.has(defaultContact.id)));
  strictEqual(new Set(contacts).size, contacts.length);
  ok(contacts.length > 1_700 && contacts.length < gazelle.shop.counts.contact, "archived ones are hidden");
});

Deno.test("users are a plain list of seven", async () => {
  await using gazelle = await double();
  const { data } = await ask<{ allUsers: Row[]; user: Row }>(
    gazelle,
    "{ allUsers { id email accessLevel } user { id accessLevel } }",
  );
  strictEqual(new Set(data.allUsers.map(({ id }) => id)).size, 7);
  strictEqual(data.user.accessLevel, "ADMIN");
});

Deno.test("links between records agree both ways", async () => {
  await using gazelle = await double({ scale: 0.2 });
  const pianos = (await readAll(gazelle, "allPianos", "id client { id }")).records;
  const clients =
    (await readAll<ClientRow>(gazelle, "allClients", "id allPianos(first: 200) { nodes { id } }")).records;
  const byPiano = pianos.map(({ id, client }) => `${id} ${client.id}`).sort();
  const byClient = clients.flatMap(({ id, allPianos }) => allPianos.nodes.map((piano) => `${piano.id} ${id}`))
    .sort();
  deepStrictEqual(byClient, byPiano);
  type Entry = { id: string; piano: { id: string } | null };
  const entries = (await readAll<Entry>(gazelle, "allTimelineEntries", "id piano { id }")).records;
  const id = pianos[7]?.id;
  const own = (await readAll(gazelle, "allTimelineEntries", "id", { args: `, pianoId: "${id}"` })).records;
  deepStrictEqual(
    own.map((entry) => entry.id),
    entries.filter(({ piano }) => piano?.id === id).map((entry) => entry.id),
  );
  ok(own.length > 0);
});
