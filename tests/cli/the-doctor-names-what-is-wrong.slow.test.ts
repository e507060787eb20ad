import assert from "node:assert/strict";
import type { Check } from "../../cli/checks.ts";
import type { TestPlatform } from "../fixtures/platform.ts";
import { smallShop } from "../fixtures/syncing.ts";
import { readLines, verb, type Way } from "./verbs.ts";

/** What breaks a sound project, and what the doctor says of it. */
const ills: { check: string; ill: string; found: RegExp; next: RegExp }[] = [
  {
    check: "grants",
    ill: "revoke execute on function sync_list_runs from service_role",
    found: /^service_role may not call public\.sync_list_runs\(text,integer\)$/,
    next: /^grant execute on function /,
  },
  {
    check: "grants",
    ill: "grant execute on function ownership_explain to authenticated, anon",
    found: /^anon may call public\.ownership_explain\(.*\), and 1 more$/,
    next: /^revoke execute on function /,
  },
  {
    check: "grants",
    ill: "alter table gazelle_pianos disable row level security",
    found: /^row level security is off for public\.gazelle_pianos$/,
    next: /^alter table public\.gazelle_pianos enable /,
  },
  {
    check: "grants",
    ill: "grant select (external_id) on gazelle_users to anon",
    found: /^visitors may read public\.gazelle_users$/,
    next: /^revoke all on public\.gazelle_users from anon;$/,
  },
  {
    check: "grants",
    ill: "grant insert, update (city) on gazelle_clients to authenticated",
    found: /^authenticated may insert, update \(city\) on public\.gazelle_clients$/,
    next: /^revoke insert, update \(city\) on table public\.gazelle_clients from authenticated;$/,
  },
  {
    check: "grants",
    ill: "revoke select on institution_overview from service_role",
    found: /^service_role may not select on public\.institution_overview$/,
    next: /^grant select on table public\.institution_overview to service_role;$/,
  },
  {
    check: "roles",
    ill: "delete from ownership_private.writers where role = 'pls_detector'",
    found: /^pls_detector is no writer/,
    next: /^select ownership\.register_writer\('pls_detector', 50\);$/,
  },
  {
    check: "protection",
    ill: `alter table gazelle_pianos disable trigger "~~ownership_guard"`,
    found: /^failed: trigger disabled: "~~ownership_guard"/,
    next: /^etiquette health$/,
  },
  {
    check: "secrets in Vault",
    ill: "delete from vault.secrets where name = 'cron_secret_key'",
    found: /^failed: cron_secret_key missing/,
    next: /^select vault\.create_secret\(/,
  },
  {
    check: "schedule",
    ill: "select sync.unschedule()",
    found: /^degraded: no job is active$/,
    next: /^etiquette schedule all on$/,
  },
  {
    check: "last run of pianos",
    ill: "update sync.streams set is_enabled = false where stream = 'pianos'",
    found: /switched off/,
    next: /^update sync\.streams set is_enabled = true where stream = 'pianos';$/,
  },
  {
    check: "last run of users",
    ill: "update sync.runs set started_at = started_at - interval '3 days' where stream = 'users'",
    found: /^degraded: run \d+, 72(\.\d)? h ago, is complete$/,
    next: /^etiquette sync users$/,
  },
  {
    check: "alerts",
    ill: `insert into sync.alerts (stream, kind, run_id, message, hint)
      select 'users', 'run_failed', max(id), 'it failed', 'Look at it.' from sync.runs`,
    found: /^degraded: run_failed: it failed$/,
    next: /^Look at it\.$/,
  },
  {
    check: "Gazelle",
    ill: `with t as (update gazelle.token set expires_at = now() + interval '73 hours')
      delete from vault.secrets where name = 'gazelle_refresh_token'`,
    found: /^degraded: the token expires in 3 days$/,
    next: /GAZELLE_\* credentials/,
  },
  {
    check: "migrations",
    ill: "delete from supabase_migrations.schema_migrations where name in ('shop', 'schedule')",
    found: /^2 of \d+ are not applied, first \d+_shop\.sql/,
    next: /^npx supabase@3\.1\.0 db push --remote$/,
  },
  {
    check: "migrations",
    ill: "insert into supabase_migrations.schema_migrations (version) values ('20990101000000')",
    found: /^the database has 1 that this folder has not, last 2099/,
    next: /^git pull$/,
  },
];

Deno.test("the doctor names what is wrong, and what to type next", async (test) => {
  await using platform = await smallShop();
  assert.equal((await verb(platform, "URL and key", "sync")).code, 0);
  await platform.sql`select sync.schedule()`;

  for (const way of ["URL and key", "SQL"] as const) {
    await test.step(`nothing on a sound project, by ${way}`, async () => {
      const { code, output } = await verb(platform, way, "doctor");
      assert.equal(code, 0, output);
      assert.match(output, /All is well\.\n$/);
    });
  }

  for (const { check, ill, found, next } of ills) {
    await test.step(`${check}: ${ill}`, async () => {
      await platform.sql.begin(async (transaction) => void await transaction.unsafe(ill));
      const [byUrl, bySql] = await Promise.all([examine(platform, "URL and key"), examine(platform, "SQL")]);
      for (const wrong of [byUrl, bySql]) {
        const named = wrong.find(({ name }) => name === check);
        assert.match(named?.found ?? "", found, JSON.stringify(wrong));
        assert.match(named?.next ?? "", next);
      }
      await follow(platform, bySql[0]!.next!, check);
      if (/^(select|update|grant|revoke|alter|etiquette s(ync|chedule) )/.test(bySql[0]!.next!)) {
        assert.deepEqual(await examine(platform, "SQL"), [], "what it says mends it");
      } else await recover(platform);
    });
  }

  await test.step("a database without the function that the doctor calls", async () => {
    await platform.sql`drop function shop_doctor`;
    await platform.sql`delete from supabase_migrations.schema_migrations where name = 'shop'`;
    const [bySql] = await examine(platform, "SQL");
    assert.match(bySql?.found ?? "", /^1 of \d+ are not applied, first \d+_shop\.sql/);
    const [byUrl] = await examine(platform, "URL and key");
    assert.match(byUrl?.found ?? "", /^those of this command line are not all applied$/);
    assert.equal(byUrl?.next, "npx supabase@3.1.0 db push --remote");
  });
});

async function examine(platform: TestPlatform, way: Way): Promise<Check[]> {
  const ended = await verb(platform, way, "doctor", "--json");
  const wrong = readLines<Check>(ended).filter(({ state }) => state === "wrong");
  assert.equal(ended.code, wrong.length > 0 ? 1 : 0, ended.output);
  return wrong.filter(({ name }) => name !== "state");
}

/** Types what the doctor says, where it is a statement or a sync. */
async function follow(platform: TestPlatform, next: string, check: string): Promise<void> {
  const [, stream] = /^etiquette sync (\w+)$/.exec(next) ?? [];
  const [, job] = /^etiquette schedule (\S+) on$/.exec(next) ?? [];
  if (stream !== undefined) await verb(platform, "URL and key", "sync", stream);
  else if (job !== undefined) await verb(platform, "SQL", "schedule", job, "on");
  // A function's remedy is one for both roles.
  else if (/^(select|update|grant|revoke|alter)/.test(next)) await platform.sql.unsafe(next);
  else assert.ok(["protection", "alerts", "Gazelle", "migrations"].includes(check), next);
}

async function recover({ sql }: TestPlatform): Promise<void> {
  await sql`select ownership.repair()`;
  await sql`delete from sync.alerts`;
  await sql`update gazelle.token set expires_at = null`;
  await sql`delete from supabase_migrations.schema_migrations where version = '20990101000000'`;
  await sql`
    insert into supabase_migrations.schema_migrations (version, name)
    values ('20261127000700', 'shop'), ('20261127001500', 'schedule')
    on conflict do nothing`;
}
