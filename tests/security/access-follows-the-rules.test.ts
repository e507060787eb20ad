import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type postgres from "postgres";
import { exposedSchemas } from "../../local/config.ts";
import { testDatabase } from "../fixtures/database.ts";
import { schemas } from "./access.ts";

const ours = `('ownership_private', ${schemas.map((schema) => `'${schema}'`).join(", ")})`;

const config = new URL("../../supabase/config.toml", import.meta.url);
const exposed = (await exposedSchemas(fileURLToPath(config))).map((schema) => `'${schema}'`).join(", ");

/** Definer functions that visitors or signed-in users may call, and why that does no harm. */
const definers = {
  "ownership.mark": "names a point in the history",
  "ownership.whoami": "says as whom the caller is seen",
  "ownership_private.may_read": "asks for the caller's own rights",
  "ownership_private.whole_key":
    "tells the text of a key to whoever has its digest, which is made of the text",
  "shop.badges_to_check": "names the pianos on the list that signed-in users see, and why they are on it",
  "shop.badge_reasons": "tells who claims a badge, which signed-in users see in the inventory",
  "shop.is_claimed_tag": "tells whether a person claims a tag that the caller sees",
};

/** Each rule as a query for what breaks it, and something that breaks it. */
const rules: Record<string, { offenders: string; offence: string; offender: string; allowed?: string[] }> = {
  "row level security is on for every table that is exposed": {
    offenders: `select relname as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relrowsecurity`,
    offence: "create table public.open (id integer)",
    offender: "open",
  },
  "every view that is exposed has its caller's rights": {
    offenders: `select relname as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind = 'v'
        and not coalesce('security_invoker=true' = any (reloptions), false)`,
    offence: "create view public.peep as select * from gazelle_clients",
    offender: "peep",
  },
  "every policy names its roles": {
    offenders: "select policyname as name from pg_policies where roles = '{public}'",
    offence: "create policy everybody on gazelle_users using (true)",
    offender: "everybody",
  },
  "a policy asks who the user is once a statement, not once a row": {
    offenders: `select policyname as name from pg_policies
      where regexp_replace(concat(qual, with_check), 'SELECT auth\\.', '', 'g') ~ 'auth\\.'`,
    offence: "create policy slow on gazelle_users to authenticated using (auth.uid() is not null)",
    offender: "slow",
  },
  "every function looks into pg_catalog, and into temporary objects last": {
    offenders: `select format('%s.%s', pronamespace::regnamespace, proname) as name from pg_proc
      where pronamespace::regnamespace::text in ${ours} and not coalesce('search_path=pg_catalog, pg_temp' = any (proconfig), false)`,
    offence: "create function shop.astray() returns text language sql return 'x'",
    offender: "shop.astray",
  },
  "no function is open to the public": {
    offenders: `select format('%s.%s', pronamespace::regnamespace, proname) as name from pg_proc
      where pronamespace::regnamespace::text in ${ours}
        and (proacl is null or exists (select from aclexplode(proacl) where grantee = 0))`,
    offence:
      "create function sync.open() returns text language sql set search_path = pg_catalog, pg_temp return 'x'",
    offender: "sync.open",
    allowed: ["ownership.whoami"],
  },
  "no definer function is exposed to visitors or signed-in users (the advisors' lints 0028 and 0029)": {
    offenders: `select proname as name from pg_proc
      where pronamespace = any (array[${exposed}]::regnamespace[]) and prosecdef
        and (has_function_privilege('authenticated', oid, 'execute') or has_function_privilege('anon', oid, 'execute'))`,
    offence:
      "create function public.power() returns text language sql security definer set search_path = pg_catalog, pg_temp return 'x'",
    offender: "power",
  },
  "the sync may write, beside its own books, columns of Gazelle's tables, and never a row's key": {
    offenders: `select format('%s.%s %s', table_schema, table_name, column_name) as name
      from information_schema.column_privileges
      where grantee = 'gazelle_sync' and privilege_type in ('INSERT', 'UPDATE', 'REFERENCES') and table_schema <> 'sync'
        and (table_schema <> 'public' or table_name not like 'gazelle\\_%'
          or privilege_type = 'REFERENCES' or column_name = 'id'
          or privilege_type = 'UPDATE' and column_name = 'external_id')`,
    offence: "grant update on institution_config to gazelle_sync",
    offender: "public.institution_config notes",
  },
  "a definer function is called by signed-in users only where that is thought through": {
    offenders: `select format('%s.%s', pronamespace::regnamespace, proname) as name from pg_proc
      where pronamespace::regnamespace::text in ${ours} and prosecdef
        and (has_function_privilege('authenticated', oid, 'execute') or has_function_privilege('anon', oid, 'execute'))`,
    offence: "grant execute on function ownership.verify to authenticated",
    offender: "ownership.verify",
    allowed: Object.keys(definers),
  },
};

Deno.test("access follows the rules", async (test) => {
  await using database = await testDatabase();
  for (const [rule, { offenders, offence, offender, allowed = [] }] of Object.entries(rules)) {
    await test.step(rule, async () => {
      const namesIn = async (sql: postgres.Sql | postgres.TransactionSql) =>
        (await sql.unsafe<{ name: string }[]>(offenders)).map(({ name }) => name);
      assert.deepEqual((await namesIn(database.sql)).filter((name) => !allowed.includes(name)), []);
      const broken = database.sql.begin(async (transaction) => {
        await transaction.unsafe(offence);
        throw new Seen(await namesIn(transaction));
      });
      await assert.rejects(broken, ({ names }: Seen) => names.includes(offender), "what breaks it is seen");
    });
  }
});

/** Takes back what broke the rule, and tells what was seen of it. */
class Seen extends Error {
  constructor(readonly names: string[]) {
    super(names.join(", "));
  }
}
