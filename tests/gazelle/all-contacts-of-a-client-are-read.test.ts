import assert from "node:assert/strict";
import type { TestPlatform } from "../fixtures/platform.ts";
import { smallShop, sync } from "../fixtures/syncing.ts";

const client = "cli_9UMLkteep8EsISbG";

Deno.test("all contacts of a client are read", async (test) => {
  await using platform = await smallShop();
  const { sql, double } = platform;
  const names = Array.from({ length: 45 }, (_, k) => `Contact ${k}`);
  for (const [k, lastName] of names.entries()) {
    double.order({
      kind: "insert",
      record: "contact",
      fields: { clientId: client, lastName, isDefault: false, archived: k === 44 },
    });
  }

  await test.step("also those that do not come with the client, and those put aside", async () => {
    const { body } = await sync(platform, "contacts");
    assert.deepEqual([body.status, body.counters.total], ["complete", body.counters.inserted]);
    const found = await sql`
      select last_name, archived from gazelle_contacts
      where client_external_id = ${client} and last_name like 'Contact %'`;
    assert.deepEqual(found.map((row) => row.last_name).sort(), names.toSorted());
    assert.deepEqual(found.filter((row) => row.archived).map((row) => row.last_name), ["Contact 44"]);
  });

  await test.step("a client whose list is an error is quarantined as sent, and nothing is called missing", async () => {
    double.order({
      kind: "malformed_record",
      field: "allClients",
      record: client,
      path: "allContacts",
      value: 5,
    });
    const { body } = await sync(platform, "contacts");
    assert.deepEqual([body.counters.rejected, body.counters.missing], [1, 0]);
    const [rejected] = await sql`select * from sync.rejected_records where run_id = ${body.run_id}`;
    assert.deepEqual(rejected?.payload, { client: { id: client, allContacts: 5 } });
  });

  await test.step("a contact that moves to another client goes with it; one that is deleted is missing", async () => {
    const [first, second] = await contactsOf(platform, client);
    double.order({ kind: "edit", id: first!, fields: { clientId: "cli_HbEwl9rN11pSuDEU" } });
    double.order({ kind: "delete", id: second! });
    const { body } = await sync(platform, "contacts");
    assert.deepEqual([body.status, body.counters.updated], ["complete", 1]);
    assert.equal((await sync(platform, "contacts")).body.counters.missing, 1);
    assert.ok((await contactsOf(platform, "cli_HbEwl9rN11pSuDEU")).includes(first!));
  });

  await test.step("a client that is deleted before its list is read on: partial, nothing is missing", async () => {
    double.order({ kind: "delete", id: client, field: "client" });
    const { body } = await sync(platform, "contacts");
    assert.deepEqual([body.status, body.counters.missing], ["partial", 0]);
  });
});

async function contactsOf({ sql }: TestPlatform, client: string): Promise<string[]> {
  const rows = await sql<{ external_id: string }[]>`
    select external_id from gazelle_contacts where client_external_id = ${client} order by external_id`;
  return rows.map((row) => row.external_id);
}
