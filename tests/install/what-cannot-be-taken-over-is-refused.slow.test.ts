import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import type postgres from "postgres";
import { applyMigrations } from "../../local/migrations.ts";
import { harness } from "../fixtures/database.ts";
import { objectsOf, olderShop } from "../fixtures/older-shop.ts";
import { problemOf } from "../fixtures/problems.ts";

const { migrations } = harness();

interface Case {
  given: string;
  code: string;
  /** Of the details: which table, column, value, key. */
  says: string;
  /** Then it installs. */
  remedy: string;
  /** The part of the remedy that the details say; all of it unless given. */
  told?: string;
}

const rename = (kind: string, table: string) => `alter ${kind} ${table} rename to ${table}_before`;

const cases: Record<string, Case> = {
  "a view": {
    given: "drop table gazelle_contacts; create view gazelle_contacts as select 'con_1' as external_id",
    code: "GZ001",
    says: "gazelle_contacts is a view",
    remedy: rename("view", "gazelle_contacts"),
  },
  "a partitioned table": {
    given:
      "drop table gazelle_contacts; create table gazelle_contacts (external_id text) partition by list (external_id)",
    code: "GZ001",
    says: "gazelle_contacts is partitioned",
    remedy: rename("table", "gazelle_contacts"),
  },
  "a foreign table": {
    given:
      `drop table gazelle_contacts; create foreign data wrapper other; create server other foreign data wrapper other;
      create foreign table gazelle_contacts (external_id text) server other`,
    code: "GZ001",
    says: "gazelle_contacts is a foreign table",
    remedy: rename("foreign table", "gazelle_contacts"),
  },
  "a table with children": {
    given: "create table some_contacts () inherits (gazelle_contacts)",
    code: "GZ001",
    says: "gazelle_contacts is a part, or has parts, of another table",
    remedy: rename("table", "gazelle_contacts"),
  },
  "a table of something else": {
    given: "alter table gazelle_contacts rename external_id to antelope",
    code: "GZ003",
    says: "gazelle_contacts has no column external_id",
    remedy: "alter table gazelle_contacts rename column antelope to external_id",
    told: "alter table gazelle_contacts rename column … to external_id",
  },
  "ids of another kind": {
    given:
      "drop table gazelle_contacts; create table gazelle_contacts (external_id uuid primary key, old_id text)",
    code: "GZ003",
    says: "gazelle_contacts has uuid as external_id",
    remedy: "alter table gazelle_contacts rename to contacts",
    told: "alter table gazelle_contacts rename to …",
  },
  "an id that stands in two rows": {
    given:
      `insert into gazelle_pianos (external_id, notes) values ('ins_2', 'a'), ('ins_2', 'b'), ('ins_1', ''), ('ins_1', '')`,
    code: "GZ004",
    says: "gazelle_pianos has 2 of its external_ids in more than one row: ins_1 (2 rows), ins_2 (2 rows)",
    told: "select * from gazelle_pianos where external_id = 'ins_1'",
    remedy:
      "delete from gazelle_pianos p using gazelle_pianos o where p.external_id = o.external_id and p.id > o.id",
  },
  "rows without an id": {
    given: "insert into gazelle_pianos (notes) values ('mine'), ('mine too')",
    code: "GZ004",
    says: "gazelle_pianos has 2 rows without an external_id",
    remedy: "update gazelle_pianos set external_id = 'own_' || gen_random_uuid() where external_id is null",
  },
  "a text that is no time": {
    given:
      "insert into gazelle_timeline_entries (external_id, occurred_at) values ('tme_1', '2024-01-01'), ('tme_2', 'hier')",
    code: "GZ005",
    says:
      "gazelle_timeline_entries.occurred_at is to be timestamp with time zone, and 'hier' of 'tme_2' cannot be",
    remedy: "update gazelle_timeline_entries set occurred_at = '2024-01-02' where external_id = 'tme_2'",
    told: "update gazelle_timeline_entries set occurred_at = … where external_id = 'tme_2'",
  },
  "a text that is no set": {
    given: "insert into gazelle_clients (external_id, tags) values ('cli_1', '[\"a\"]'), ('cli_2', 'a, b')",
    code: "GZ005",
    says: "gazelle_clients.tags is to be text[], and 'a, b' of 'cli_2' cannot be",
    remedy: "update gazelle_clients set tags = '{a,b}' where external_id = 'cli_2'",
    told: "update gazelle_clients set tags = … where external_id = 'cli_2'",
  },
  "a view over a column that is to be converted": {
    given:
      "create view badges as select external_id from gazelle_pianos where dampp_chaser_installed = 'true'",
    code: "GZ005",
    says:
      "gazelle_pianos.dampp_chaser_installed is text and must be boolean, and this uses it: rule _RETURN on view badges",
    told: "Drop that, install, and make it anew",
    remedy: "drop view badges",
  },
  "an index that does not fit what it becomes": {
    given:
      "alter table gazelle_clients alter tags drop default, alter tags type jsonb using tags::jsonb; create index by_tag on gazelle_clients using gin (tags)",
    code: "GZ005",
    says: "gazelle_clients.tags is jsonb and must be text[], and this uses it: index by_tag",
    told: "Or convert before: alter table gazelle_clients alter column tags drop default",
    remedy: "drop index by_tag",
  },
  "a large table that would have to be rewritten": {
    given: `insert into gazelle_timeline_entries (external_id, title)
      select 'tme_' || n, repeat(md5(n::text), 50) from generate_series(1, 21500) n`,
    code: "GZ005",
    says:
      "gazelle_timeline_entries.occurred_at is text and must be timestamp with time zone, and the table is too large",
    remedy:
      "alter table gazelle_timeline_entries alter column occurred_at drop default, alter column occurred_at type timestamp with time zone using nullif(btrim(occurred_at::text), '')::timestamp with time zone",
  },
  "a column that Gazelle may leave empty": {
    given: "alter table gazelle_contacts alter email set not null",
    code: "GZ005",
    says: "gazelle_contacts.email must not be null here",
    remedy: "alter table gazelle_contacts alter column email drop not null",
  },
  "a column of its own that must be filled": {
    given: "alter table gazelle_contacts add branch text not null",
    code: "GZ005",
    says: "gazelle_contacts.branch must not be null and has no default",
    remedy: "alter table gazelle_contacts alter column branch set default 'Montréal'",
    told: "alter table gazelle_contacts alter column branch set default …",
  },
  "a column that the database fills": {
    given:
      "alter table gazelle_contacts drop first_name, add first_name text generated always as (last_name) stored",
    code: "GZ005",
    says: "gazelle_contacts.first_name is filled by the database itself",
    remedy: "alter table gazelle_contacts rename column first_name to first_name_before",
  },
  "a policy under a name of ours": {
    given: "create policy writers on gazelle_clients to anon using (false)",
    code: "GZ005",
    says: "gazelle_clients has a policy writers",
    remedy: "alter policy writers on gazelle_clients rename to writers_before",
  },
  "what was installed without a record": {
    given: "create schema ownership; create schema ownership_private",
    code: "GZ006",
    says: "schema ownership, ownership_private is there, and no migration of it is on record",
    remedy: "drop schema ownership, ownership_private cascade",
  },
};

/** The file that looks, before any that changes something. */
async function look(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(`${tmpdir()}/etiquette-look-`);
  for (const file of lookingFiles()) await copyFile(`${migrations}/${file}`, `${path}/${file}`);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

const lookingFiles = () => readdirSync(migrations).filter((file) => file.endsWith("_gazelle_survey.sql"));

Deno.test("what cannot be taken over is refused, with what and where and what to do, and nothing is changed", async (test) => {
  await using looking = await look();
  for (const [name, { given, code, says, remedy, told }] of Object.entries(cases)) {
    await test.step(name, async () => {
      await using database = await olderShop();
      const { sql } = database;
      await sql.unsafe(given).simple();
      const before = await theirs(sql);
      const refused = await problemOf(applyMigrations(sql, migrations));
      assert.equal(refused.code, code, refused.message);
      const details = refused.details.replaceAll("public.", "");
      assert.ok(details.includes(says), details);
      assert.ok(details.includes(told ?? remedy), details);
      assert.deepEqual(await theirs(sql), before);
      await sql.unsafe(remedy).simple();
      const { applied } = await applyMigrations(sql, looking.path);
      assert.deepEqual(applied, lookingFiles(), "now nothing is refused");
    });
  }
});

Deno.test("everything that stands in the way is told at once, and a table that belongs to somebody else", async () => {
  await using database = await olderShop();
  const { sql } = database;
  await sql.unsafe(`
    alter table gazelle_clients owner to anon;
    alter table gazelle_contacts alter email set not null, alter phone set not null;
    grant create on schema public to service_role`).simple();
  await sql`grant create on database ${sql(new URL(database.url).pathname.slice(1))} to service_role`;
  const asProgram = database.connectAs("service_role");
  const install = async () => {
    for (const file of lookingFiles()) {
      await asProgram.unsafe(await readFile(`${migrations}/${file}`, "utf8")).simple();
    }
  };
  const error = await install().then(() => null, (reason: postgres.PostgresError) => reason);
  const lines = error!.detail!.split("\n").filter((line) => !line.startsWith("  "));
  assert.deepEqual(lines.map((line) => line.replace("public.", "").replace(/,? and .*/, "")), [
    "gazelle_appointments belongs to postgres",
    "gazelle_clients belongs to anon",
    "gazelle_contacts belongs to postgres",
    "gazelle_pianos belongs to postgres",
    "gazelle_timeline_entries belongs to postgres",
  ]);
  assert.equal(error?.code, "GZ002");

  await sql.unsafe("update pg_class set relowner = 'service_role'::regrole where relname ~ '^gazelle_'");
  const left = await install().then(() => null, (reason: postgres.PostgresError) => reason);
  const further = left!.detail!.split("\n").filter((line) => !line.startsWith("  "));
  assert.deepEqual(further.map((line) => line.replace("public.", "").replace(/,? and .*/, "")), [
    "gazelle_contacts.email must not be null here",
    "gazelle_contacts.phone must not be null here",
  ]);
});

/** Everything but the patterns and the records of migrations. */
async function theirs(sql: postgres.Sql): Promise<string[]> {
  const lines = await objectsOf(sql);
  return lines.filter((line) => !/ (gazelle|supabase_migrations)(\.| |$)/.test(line));
}
