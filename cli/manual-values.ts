// Manual values of a shop: a few more made by hand, and how many of all still stand in a pair of tables.

import type postgres from "postgres";

export interface ManualValue {
  tbl: string;
  col: string;
  key: string;
  /** The element of a set; empty for a scalar. */
  element: string;
  value: unknown;
}

export interface Held {
  /** How many manual values stand. */
  values: number;
  /** The same, by what a person at the shop would call them. */
  kinds: Record<string, number>;
}

/** What people at a shop do over the months: tags of their own, places, notes. */
export async function editByHand(sql: postgres.Sql): Promise<void> {
  await sql`
    update public.gazelle_clients set tags = tags || '{vip,clé chez le voisin}'
    where status = 'ACTIVE' and substr(external_id, 6, 1) in ('a', 'b', 'c', 'd')`;
  await sql`
    update public.gazelle_clients set personal_notes = 'Appeler le matin; le chien s''appelle Figaro.'
    where status = 'ACTIVE' and substr(external_id, 6, 1) = 'e'`;
  await sql`
    update public.gazelle_pianos set tags = tags || '{à accorder avant le récital}'
    where substr(external_id, 6, 1) in ('f', 'g', 'h')`;
  await sql`
    update public.gazelle_pianos set location = 'Studio ' || row_number, notes = 'Clé au secrétariat.'
    from (
      select external_id as id, row_number() over (order by external_id)
      from public.gazelle_pianos where substr(external_id, 6, 1) in ('i', 'j')
    ) chosen
    where external_id = chosen.id`;
}

const kinds: Record<string, (value: ManualValue) => boolean> = {
  "Institutions tagged": ({ element }) => element === "institutional",
  "Other tags of clients": ({ tbl, element }) =>
    tbl.endsWith("clients") && element !== "" && element !== "institutional",
  "Tags of pianos": ({ tbl, element }) => tbl.endsWith("pianos") && element !== "",
  "PLS badges": ({ col }) => col === "dampp_chaser_installed",
  "Places and notes": ({ col, element }) => element === "" && col !== "dampp_chaser_installed",
};

/** Looks up every manual value in the given tables. */
export async function held(
  sql: postgres.Sql,
  values: ManualValue[],
  tables: { clients: string; pianos: string },
): Promise<Held> {
  const rows = new Map<string, Record<string, unknown>>();
  for (const table of Object.values(tables)) {
    for (const row of await sql`select * from ${sql(table)}`) rows.set(row.external_id, row);
  }
  const standing = values.filter((value) => stands(value, rows.get(value.key)?.[value.col]));
  const counts = Object.entries(kinds).map(([kind, is]) => [kind, standing.filter(is).length]);
  return { values: standing.length, kinds: Object.fromEntries(counts) };
}

function stands({ element, value }: ManualValue, live: unknown): boolean {
  if (element === "") return live === value;
  return Array.isArray(live) && live.includes(value);
}
