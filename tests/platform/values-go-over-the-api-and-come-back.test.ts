import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import type postgres from "postgres";
import { localPlatform } from "../fixtures/local.ts";

const prepare = (sql: postgres.Sql) =>
  sql.unsafe(`
    create table public.samples (
      id bigint generated always as identity primary key, key text unique, tags text[] not null default '{}',
      doc jsonb, old json, price numeric, born date, seen timestamptz, plain timestamp, big bigint,
      ok boolean, times timestamptz[]
    );
    grant select, insert, update, delete on public.samples to service_role;
    create function public.kind(doc jsonb) returns text language sql as 'select jsonb_typeof(doc)';
    create function public.echo(
      doc jsonb, old json, tags text[], seen timestamptz, born date, price numeric, big bigint, ok boolean
    ) returns setof public.samples language sql as $$
      select 1, 'k', tags, doc, old, price, born, seen, seen at time zone 'UTC', big, ok, array[seen]
    $$;
    create function public.raises(state text) returns void language plpgsql as $$
    begin
      raise exception 'said %', state using errcode = state, detail = 'the detail', hint = 'the hint';
    end $$;
    create schema hidden;
  `).simple();

const sample = {
  doc: { a: [1, "é", null], b: { c: '"quoted"' } },
  old: [1, 2],
  tags: ["vip", "b c", 'd"e', "f,g", "{h}", ""],
  seen: "2026-11-23T07:44:20.36+00:00",
  born: "2026-11-23",
  price: 12.5,
  big: 9007199254740991,
  ok: false,
};
const derived = { plain: "2026-11-23T07:44:20.36", times: ["2026-11-23T07:44:20.36+00:00"] };

Deno.test("values come back as they went, through rpc and through tables", async () => {
  await using platform = await localPlatform({ prepare });
  const client = createClient(platform.url, platform.secretKey, { auth: { persistSession: false } });

  const called = await client.rpc("echo", sample).single();
  assert.deepEqual(called.data, { id: 1, key: "k", ...sample, ...derived });

  const inserted = await client.from("samples").insert({ key: "k", ...sample, ...derived }).select().single();
  assert.deepEqual(inserted.data, { id: 1, key: "k", ...sample, ...derived });
  const [stored] = await platform.sql`
    select jsonb_typeof(doc) as doc, json_typeof(old) as old, cardinality(tags)::int as tags, seen::text
    from public.samples`;
  assert.deepEqual({ ...stored }, {
    doc: "object",
    old: "array",
    tags: 6,
    seen: "2026-11-23 07:44:20.36+00",
  });

  const found = client.from("samples").select("key").contains("tags", ["vip", "b c"]).eq("seen", sample.seen);
  assert.deepEqual((await found).data, [{ key: "k" }]);
});

Deno.test("a json argument keeps its kind, and is not encoded twice", async () => {
  await using platform = await localPlatform({ prepare });
  const client = createClient(platform.url, platform.secretKey, { auth: { persistSession: false } });
  const kind = async (doc: unknown) => (await client.rpc("kind", { doc })).data;
  assert.equal(await kind({ a: 1 }), "object");
  assert.equal(await kind([{ a: 1 }, [2]]), "array");
  assert.equal(await kind("a text"), "string");
  assert.equal(await kind({ five: "5" }), "object");
  assert.equal(await kind(5), "number");
  assert.equal(await kind(false), "boolean");
});

Deno.test("errors of the database arrive whole, with the hosted API's statuses", async () => {
  await using platform = await localPlatform({ prepare });
  const client = createClient(platform.url, platform.secretKey, { auth: { persistSession: false } });
  for (const [state, status] of [["P0001", 400], ["PT409", 409], ["22023", 400], ["57014", 500]] as const) {
    const answer = await client.rpc("raises", { state });
    const { code, message, details, hint } = answer.error!;
    const expected = { code: state, message: `said ${state}`, details: "the detail", hint: "the hint" };
    assert.deepEqual({ status: answer.status, code, message, details, hint }, { status, ...expected });
  }
  const twice = [{ key: "one" }, { key: "one" }];
  assert.equal((await client.from("samples").insert(twice)).status, 409);
  assert.equal((await client.from("samples").insert({ key: "two", tags: null })).error?.code, "23502");
  assert.equal((await client.from("nowhere").select()).error?.code, "PGRST205");
  assert.equal((await client.schema("hidden").from("x").select()).error?.code, "PGRST106");
});

Deno.test("a bulk upsert sends the union of its keys: what a row leaves out becomes NULL", async () => {
  await using platform = await localPlatform({ prepare });
  const client = createClient(platform.url, platform.secretKey, { auth: { persistSession: false } });
  await client.from("samples").insert([{ key: "a", doc: { kept: 1 } }, { key: "b", doc: { kept: 2 } }]);
  await client.from("samples").upsert([{ key: "a", doc: { new: 1 } }, { key: "b" }], { onConflict: "key" });
  const { data } = await client.from("samples").select("key, doc").order("key");
  assert.deepEqual(data, [{ key: "a", doc: { new: 1 } }, { key: "b", doc: null }]);
});
