import assert from "node:assert/strict";
import type postgres from "postgres";
import { localPlatform } from "../fixtures/local.ts";

// The local API sets request.method, and passes response.headers on, for calls of functions alone; PostgREST does for
// every request. So a function writes here.
const prepare = (sql: postgres.Sql) =>
  sql.unsafe(`
    create table public.lamps (external_id text primary key, place text);
    grant select, update on public.lamps to service_role;
    insert into public.lamps values ('l1', 'Salle A');
    select ownership.protect('lamps', 'place');
    select ownership.adopt('lamps', 'place');
    create function public.move_lamps(place text) returns void language sql set search_path = '' as $$
      update public.lamps set place = move_lamps.place
    $$;
    revoke execute on function public.move_lamps(text) from public;
    grant execute on function public.move_lamps(text) to service_role;
  `).simple();

Deno.test("a write that is kept out of an owned cell is told in a header", async () => {
  await using platform = await localPlatform({ prepare });
  const move = async (place: string) => {
    const response = await fetch(`${platform.url}/rest/v1/rpc/move_lamps`, {
      method: "POST",
      headers: { apikey: platform.secretKey, "content-type": "application/json" },
      body: JSON.stringify({ place }),
    });
    await response.body?.cancel();
    return { ok: response.ok, kept: response.headers.get("ownership-kept") };
  };
  assert.deepEqual(await move("Salle B"), { ok: true, kept: "lamps.place" });
  assert.deepEqual(await move("Salle A"), { ok: true, kept: null });
});
