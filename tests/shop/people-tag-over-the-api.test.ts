import assert from "node:assert/strict";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { localPlatform } from "../fixtures/local.ts";

const quiet = { auth: { persistSession: false, autoRefreshToken: false } };

Deno.test("a signed-in user tags a client over the API, and the history has the user", async () => {
  await using platform = await localPlatform({
    prepare: (sql) => sql`insert into gazelle_clients (external_id, tags) values ('cli_1', '{concert}')`,
  });
  const person = createClient(platform.url, platform.publishableKey, quiet);
  const user = await signIn(person);

  const tagged = await person.rpc("tag_client", { id: "cli_1", tag: " VIP " });
  assert.deepEqual([tagged.error, tagged.data], [null, ["concert", "VIP"]]);
  const untagged = await person.rpc("untag_client", { id: "cli_1", tag: "Concert" });
  assert.deepEqual([untagged.error, untagged.data], [null, ["VIP"]]);
  const history = await platform.sql`select element, event, writer, sub from ownership.history order by id`;
  assert.deepEqual(history.map((entry) => ({ ...entry })), [
    { element: "concert", event: "claimed", writer: "postgres", sub: null },
    { element: "vip", event: "claimed", writer: "authenticated", sub: user },
    { element: "concert", event: "removed", writer: "authenticated", sub: user },
  ]);

  const unknown = await person.rpc("tag_client", { id: "cli_2", tag: "VIP" });
  assert.deepEqual([unknown.status, unknown.error?.message], [404, "there is no client 'cli_2'"]);
  const empty = await person.rpc("tag_client", { id: "cli_1", tag: " " });
  assert.deepEqual([empty.status, empty.error?.code, empty.error?.message], [
    400,
    "SH001",
    "a tag cannot be empty",
  ]);
  const stranger = createClient(platform.url, platform.publishableKey, quiet);
  assert.equal((await stranger.rpc("tag_client", { id: "cli_1", tag: "VIP" })).error?.code, "42501");
});

async function signIn(person: SupabaseClient): Promise<string> {
  const account = { email: "tech@example.org", password: "a long enough secret" };
  const { data, error } = await person.auth.signUp(account);
  assert.equal(error, null);
  assert.equal((await person.auth.signInWithPassword(account)).error, null);
  return data.user!.id;
}
