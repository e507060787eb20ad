import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { ask, double, readAll, type Row } from "./client.ts";

const SCHOOL = "cli_9UMLkteep8EsISbG";
const HALL = "cli_HbEwl9rN11pSuDEU";

Deno.test("an edit shows in the record, and nowhere else", async () => {
  await using gazelle = await double();
  const selection = "id tags personalNotes updatedAt";
  const before = (await readAll(gazelle, "allClients", selection)).records;
  gazelle.order({ kind: "edit", id: SCHOOL, fields: { tags: ["VIP"], personalNotes: null } });
  const after = (await readAll(gazelle, "allClients", selection)).records;
  const changed = after.filter((row, place) => JSON.stringify(row) !== JSON.stringify(before[place]));
  deepStrictEqual(changed, [{
    id: SCHOOL,
    tags: ["VIP"],
    personalNotes: null,
    updatedAt: "2026-07-01T13:00:00Z",
  }]);
  await fetch(`${gazelle.controlUrl}/reset`, { method: "POST" });
  deepStrictEqual((await readAll(gazelle, "allClients", selection)).records, before);
});

Deno.test("a deleted client is gone with its pianos, contacts and history", async () => {
  await using gazelle = await double({ scale: 0.2 });
  const history = (await readAll(gazelle, "allTimelineEntries", "id client { id }")).records;
  gazelle.order({ kind: "delete", id: SCHOOL });
  const pianos = await readAll(gazelle, "allPianos", "id client { id }");
  strictEqual(pianos.records.length, gazelle.shop.counts.piano - 121);
  deepStrictEqual([...pianos.totals], [pianos.records.length]);
  const kept = (await readAll(gazelle, "allTimelineEntries", "id client { id }")).records;
  deepStrictEqual(kept, history.filter(({ client }) => client.id !== SCHOOL));
  const { data } = await ask<{ client: null }>(gazelle, `{ client(id: "${SCHOOL}") { id } }`);
  strictEqual(data.client, null);
});

Deno.test("a merged client leaves its pianos and history to the other", async () => {
  await using gazelle = await double({ scale: 0.2 });
  const before = (await readAll(gazelle, "allTimelineEntries", "id client { id }")).records;
  gazelle.order({ kind: "merge", from: HALL, into: SCHOOL, field: "allPianos" });
  const pianos = (await readAll(gazelle, "allPianos", "id client { id }")).records;
  strictEqual(pianos.filter(({ client }) => client.id === SCHOOL).length, 121 + 16);
  strictEqual(pianos.length, gazelle.shop.counts.piano);
  const clients =
    (await readAll(gazelle, "allClients", "id defaultContact { id } allContacts { nodes { id } }")).records;
  ok(!clients.some(({ id }) => id === HALL));
  const after = (await readAll(gazelle, "allTimelineEntries", "id client { id }")).records;
  const moved = before.map(({ id, client }) => ({
    id,
    client: { id: client.id === HALL ? SCHOOL : client.id },
  }));
  deepStrictEqual(after, moved);
});

Deno.test("a merged piano leaves its history to the other", async () => {
  await using gazelle = await double({ scale: 0.2 });
  const [from, into] = (await readAll(gazelle, "allPianos")).records.map(({ id }) => id);
  const historyOf = async (id?: string) =>
    (await readAll(gazelle, "allTimelineEntries", "id", { args: `, pianoId: "${id}"` })).records.length;
  const expected = await historyOf(from) + await historyOf(into);
  gazelle.order({ kind: "merge", from: String(from), into: String(into) });
  deepStrictEqual([await historyOf(from), await historyOf(into)], [0, expected]);
  strictEqual((await readAll(gazelle, "allPianos")).records.length, gazelle.shop.counts.piano - 1);
});

Deno.test("new records come at either end, with links, and a piano may lose its client", async () => {
  await using gazelle = await double({ scale: 0.2 });
  const before = (await readAll(gazelle, "allClients")).records.map((row) => row.id);
  const id = gazelle.order({
    kind: "insert",
    record: "client",
    fields: { companyName: "Chœur d’enfants" },
    at: "start",
  });
  const contact = { clientId: id, email: "choeur@example.org" };
  gazelle.order({ kind: "insert", record: "contact", fields: contact });
  const piano = gazelle.order({ kind: "insert", record: "piano", fields: { clientId: id, make: "Pratte" } });
  const clients =
    (await readAll(gazelle, "allClients", "id companyName defaultContact { defaultEmail { email } }"))
      .records;
  deepStrictEqual(clients[0], {
    id,
    companyName: "Chœur d’enfants",
    defaultContact: { defaultEmail: { email: "choeur@example.org" } },
  });
  deepStrictEqual(clients.map((row) => row.id), [id, ...before]);
  const last = `{ allPianos(last: 1) { nodes { id make client { id } } } }`;
  deepStrictEqual((await ask(gazelle, last)).data.allPianos!.nodes, [{
    id: piano,
    make: "Pratte",
    client: { id },
  }]);
  gazelle.order({ kind: "edit", id: String(piano), fields: { clientId: null } });
  const orphan = (await ask(gazelle, last)).data.allPianos!.nodes[0] as Row;
  strictEqual(orphan.client, null);
});
