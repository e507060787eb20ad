import assert from "node:assert/strict";
import { smallShop, sync } from "../fixtures/syncing.ts";

const edits: [stream: string, table: string, column: string, field: string, beside: string, sent: string][] =
  [
    ["contacts", "gazelle_contacts", "phone", "phoneNumber", "last_name", "lastName"],
    ["contacts", "gazelle_contacts", "email", "email", "last_name", "lastName"],
    ["appointments", "gazelle_appointments", "notes", "notes", "travel_mode", "travelMode"],
    ["appointments", "gazelle_appointments", "location", "addressLine", "travel_mode", "travelMode"],
  ];

Deno.test("what people wrote into the records of a stream stays, while their neighbours go on", async (test) => {
  await using platform = await smallShop();
  const { sql, double } = platform;
  await sync(platform, "contacts");
  await sync(platform, "appointments");

  for (const [stream, table, column, field, beside, sent] of edits) {
    await test.step(`${table}.${column}, when Gazelle sends another value and when it sends none`, async () => {
      const [row] = await sql`
        update ${sql(table)} set ${sql(column)} = 'by hand' where external_id = (
          select min(external_id) from ${sql(table)} where ${sql(column)} <> 'by hand')
        returning external_id`;
      for (const value of ["from Gazelle", null]) {
        double.order({
          kind: "edit",
          id: row!.external_id,
          fields: { [field]: value, [sent]: `sent ${value}` },
        });
        assert.equal((await sync(platform, stream)).body.status, "complete");
        const [found] = await sql`
          select ${sql(column)} as kept, ${sql(beside)} as arrived from ${sql(table)}
          where external_id = ${row!.external_id}`;
        assert.deepEqual({ ...found }, { kept: "by hand", arrived: `sent ${value}` });
      }
    });
  }

  await test.step("what nobody touched follows Gazelle", async () => {
    const [row] = await sql`select max(external_id) as id from gazelle_contacts`;
    double.order({ kind: "edit", id: row!.id, fields: { phoneNumber: "4505550199" } });
    await sync(platform, "contacts");
    const [found] = await sql`select phone from gazelle_contacts where external_id = ${row!.id}`;
    assert.match(found!.phone, /450.*555.*0199/);
  });

  await test.step("a program with the service key does not blank what only people keep", async () => {
    await sql`update gazelle_appointments set description = 'two technicians'`;
    const headers = { apikey: platform.secretKey, "content-type": "application/json" };
    const response = await fetch(`${platform.url}/rest/v1/gazelle_appointments?external_id=neq.x`, {
      method: "PATCH",
      headers,
      body: JSON.stringify({ description: "" }),
    });
    assert.equal(response.status, 204);
    const [found] = await sql`select distinct description from gazelle_appointments`;
    assert.deepEqual({ ...found }, { description: "two technicians" });
  });
});
