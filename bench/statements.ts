// The bulk upsert that `bench -- guard` times, and the ways to guard its table that are compared.

import type postgres from "postgres";
import type { Prepare } from "./database.ts";
import type { Statement } from "./cost.ts";

const columns = [
  "external_id",
  "client_external_id",
  "make",
  "model",
  "serial_number",
  "type",
  "year",
  "location",
  "notes",
  "status",
  "tags",
  "dampp_chaser_installed",
  "dampp_chaser_mfg_date",
  "updated_at",
];

/**
 * An upsert of many rows with all their columns, as a sync sends it. `sent` has SQL expressions for the columns in which
 * the sync shall send something else than what bench.incoming holds.
 */
export function upsert(sent: Record<string, string> = {}): Statement {
  const values = columns.map((column) => sent[column] ?? column);
  const changes = columns.slice(1).map((column) => `${column} = excluded.${column}`);
  return (condition = "true") => `
    insert into bench.pianos (${columns.join(", ")})
    select ${values.join(", ")} from bench.incoming where ${condition}
    on conflict (external_id) do update set ${changes.join(", ")}`;
}

/** Every record has changed at the source, but in no protected column. */
export const changed = { updated_at: "updated_at + interval '1 hour'", status: "status || '.'" };

export const protectedColumns = ["location", "notes", "tags"];

/** How each variant guards bench.pianos. The generic trigger and the engine protect the same columns. */
export const guards: Record<string, Prepare> = {
  unguarded: () => Promise.resolve(),
  guarded: (person) =>
    person.unsafe(
      protectedColumns.map((column) => `select ownership.protect('bench.pianos', '${column}')`).join(";"),
    ),
  "generic jsonb": (person) =>
    person.unsafe(`
      insert into bench.generic_policies select 'bench.pianos', c from unnest('{${protectedColumns}}'::text[]) c;
      create trigger generic before update on bench.pianos for each row execute function bench.generic_guard()`),
  "full-row audit": (person) =>
    person.unsafe(`
      create trigger audit after insert or update on bench.pianos for each row execute function bench.audit_row()`),
};

/** Makes a person the owner of every location, or of one in `every`, in those variants that keep owners. */
export async function claimLocations(person: postgres.Sql, every = 1): Promise<void> {
  await person.unsafe(`
    create temporary table claimed as select external_id as key from bench.incoming where n % ${every} = 0;
    select ownership.adopt(tbl, col) from ownership.policies
    where tbl = 'bench.pianos'::regclass and col = 'location' and ${every} = 1;
    update bench.pianos set location = location || ' '
    where ${every} > 1 and external_id in (select key from claimed);
    insert into bench.generic_claims
    select p.tbl, r.external_id, p.col, to_jsonb(r.location)
    from bench.generic_policies p, bench.pianos r
    where p.col = 'location' and r.external_id in (select key from claimed);
    drop table claimed`);
}
