import assert from "node:assert/strict";
import { applyPlatform } from "../../local/migrations.ts";
import { testDatabase } from "../fixtures/database.ts";
import { allGrants } from "../fixtures/grants.ts";

Deno.test("the platform file can run again and grants API roles nothing on new tables", async () => {
  await using database = await testDatabase("template0");
  await applyPlatform(database.sql);
  const before = await allGrants(database.sql);
  await applyPlatform(database.sql);
  assert.deepEqual(await allGrants(database.sql), before);

  await database.sql`create table public.fresh (id int)`;
  for (const role of ["anon", "authenticated", "service_role"]) {
    const refused = await database.connectAs(role)`select * from public.fresh`.catch((error) => error);
    assert.equal(refused.code, "42501", role);
    const created = await database.connectAs(role)`create table public.own (id int)`.catch((error) => error);
    assert.equal(created.code, "42501", role);
    const secrets = await database.connectAs(role)`select * from vault.decrypted_secrets`.catch((error) =>
      error
    );
    assert.equal(secrets.code, "42501", role);
  }
});

Deno.test("vault, net and cron stand in with the hosted signatures", async () => {
  await using database = await testDatabase("template0");
  const { sql } = database;
  await applyPlatform(sql);
  const [{ id } = { id: "" }] = await sql`select vault.create_secret('one', 'key', 'why') as id`;
  await sql`select vault.update_secret(${id}, new_secret => 'two')`;
  const [secret] = await sql`select name, decrypted_secret, description from vault.decrypted_secrets`;
  assert.deepEqual({ ...secret }, { name: "key", decrypted_secret: "two", description: "why" });

  await sql`select net.http_post(url := 'http://here/x', body := '{"a":1}', headers := '{"apikey":"k"}',
    timeout_milliseconds := 5000)`;
  const [request] = await sql`
    select method, url, headers, convert_from(body, 'UTF8') as body, timeout_milliseconds as ms
    from net.http_request_queue`;
  const expected = {
    method: "POST",
    url: "http://here/x",
    headers: { apikey: "k" },
    body: '{"a": 1}',
    ms: 5000,
  };
  assert.deepEqual({ ...request }, expected);

  const schedule = () => sql`select cron.schedule('sync', '*/5 * * * *', 'select 1')::int as id`;
  assert.deepEqual([...await schedule()], [...await schedule()], "idempotent by name");
  assert.equal((await sql`select cron.unschedule('sync') as gone`)[0]?.gone, true);
  const gone = await sql`select cron.unschedule('sync')`.catch((error) => error);
  assert.match(gone.message, /could not find valid entry for job/);
});
