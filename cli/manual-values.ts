// Manual values of a shop for the replay: makes some by hand, and counts how many are still there.

import type postgres from "postgres";

export interface ManualValue {
  tbl: string;
  col: string;
  key: string;
  /** The element of a set; empty for a scalar. */
  element: string;
  value: unknown;
}

export interface Standing {
  /** How many manual values are still there. */
  values: number;
  /** The same by kind, in the words of the shop. */
  kinds: Record<string, number>;
}

/** Edits as people at a shop make them over the months: tags of their own, places, notes. */
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

/** Counts which of the manual values are still in the given tables. */
export async function countStanding(
  sql: postgres.Sql,
  values: ManualValue[],
  tables: { clients: string; pianos: string },
): Promise<Standing> {
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
