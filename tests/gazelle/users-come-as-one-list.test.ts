import assert from "node:assert/strict";
import { smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("users come as one list", async (test) => {
  await using platform = await smallShop();
  const { sql, double } = platform;

  await test.step("all of them, also with a level of access nobody knew", async () => {
    const { body } = await sync(platform, "users");
    assert.deepEqual([body.status, body.counters.inserted, body.counters.total], ["complete", 7, 7]);
    const [row] = await sql`select first_name, email from gazelle_users where role = 'BOOKKEEPER'`;
    assert.deepEqual({ ...row }, { first_name: "Bureau", email: "bureau@accord.example" });
  });

  await test.step("the phone is kept by people: the sync may not even name it", async () => {
    await sql`update gazelle_users set phone = '514 555-0142'`;
    await sync(platform, "users");
    const [row] = await sql`
      select count(phone)::integer as phones,
        has_column_privilege('gazelle_sync', 'gazelle_users', 'phone', 'insert, update') as may
      from gazelle_users`;
    assert.deepEqual({ ...row }, { phones: 7, may: false });
  });

  await test.step("a list that an error took whole and goes on to take fails the run with Gazelle's own words", async () => {
    double.order({
      kind: "field_error",
      field: "allUsers",
      path: "email",
      message: "no mail today",
      times: 3,
    });
    const { status, body } = await sync(platform, "users");
    assert.deepEqual([status, body.error?.code, body.error?.details], [
      502,
      "gazelle_unavailable",
      "no mail today",
    ]);
  });

  await test.step("a user that is none is quarantined, and nobody is called missing", async () => {
    double.order({ kind: "malformed_record", field: "allUsers", record: 0, path: ".", value: null });
    const { body } = await sync(platform, "users");
    assert.deepEqual([body.status, body.counters.rejected, body.counters.missing], ["complete", 1, 0]);
  });
});
