import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import type postgres from "postgres";
import { allGrants } from "../fixtures/grants.ts";
import { localPlatform } from "../fixtures/local.ts";

const quiet = { auth: { persistSession: false, autoRefreshToken: false } };

const prepare = (sql: postgres.Sql) =>
  sql.unsafe(`
    create table public.notes (id bigint generated always as identity primary key, body text not null);
    create table public.closed (id bigint primary key);
    alter table public.notes enable row level security;
    alter table public.closed enable row level security;
    grant select, insert on public.notes to service_role;
    grant select on public.notes to authenticated;
    create policy everybody on public.notes for select to authenticated using (true);
    create function public.who() returns jsonb language sql stable set search_path = '' as $$
      select jsonb_build_object('role', current_setting('role'), 'sub', auth.uid(), 'claimed', auth.role())
    $$;
    revoke execute on function public.who() from public;
    grant execute on function public.who() to anon, authenticated, service_role;
  `).simple();

Deno.test("SQL sees the caller's role, and a day's work changes no grant", async () => {
  await using platform = await localPlatform({ prepare });
  const before = await allGrants(platform.sql);
  const client = (key: string) => createClient(platform.url, key, quiet);

  const secret = client(platform.secretKey);
  assert.deepEqual((await secret.rpc("who")).data, {
    role: "service_role",
    sub: null,
    claimed: "service_role",
  });
  assert.equal((await client(platform.cronKey).rpc("who")).data.role, "service_role");
  assert.equal((await secret.from("notes").insert({ body: "by the service" })).error, null);
  // Row level security does not hold the service role, a missing grant does.
  assert.equal((await secret.from("closed").select()).error?.code, "42501");

  const anon = client(platform.publishableKey);
  assert.equal((await anon.rpc("who")).data.role, "anon");
  assert.equal((await anon.from("notes").select()).error?.code, "42501");

  const person = client(platform.publishableKey);
  const account = { email: "tech@example.org", password: "a long enough secret" };
  const { data: { user } } = await person.auth.signUp(account);
  assert.equal((await person.auth.signInWithPassword(account)).error, null);
  assert.deepEqual((await person.rpc("who")).data, {
    role: "authenticated",
    sub: user!.id,
    claimed: "authenticated",
  });
  assert.deepEqual((await person.from("notes").select("body")).data, [{ body: "by the service" }]);
  assert.equal((await person.from("notes").insert({ body: "by a person" })).error?.code, "42501");

  assert.deepEqual(await allGrants(platform.sql), before);
});

Deno.test("an unknown key, no key and a forged token are refused with 401", async () => {
  await using platform = await localPlatform({ prepare });
  const status = async (headers: Record<string, string>) => {
    const response = await fetch(`${platform.url}/rest/v1/rpc/who`, { method: "POST", headers });
    await response.body?.cancel();
    return response.status;
  };
  const apikey = platform.publishableKey;
  assert.equal(await status({ apikey }), 200);
  assert.equal(await status({ apikey: "sb_secret_guessed" }), 401);
  assert.equal(await status({}), 401);
  assert.equal(await status({ apikey, authorization: "Bearer e30.e30.e30" }), 401);
  assert.equal(await status({ authorization: `Bearer ${platform.secretKey}` }), 401);
});
