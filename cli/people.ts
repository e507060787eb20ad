// What a shop holds that Gazelle does not know: tags made by hand, and badges derived from its service notes.

import type postgres from "postgres";
import { INSTITUTIONS } from "../gazelle-double/shop/institutions.ts";
import { plsFromNotes } from "../gazelle-double/shop/pls.ts";
import type { Shop } from "../gazelle-double/shop/shop.ts";

/** Tags the five institutions as a person does: plain SQL on the table. */
export async function tagInstitutions(sql: postgres.Sql): Promise<void> {
  await sql`
    update public.gazelle_clients set tags = tags || '{institutional}'
    where external_id = any (${INSTITUTIONS.map(({ id }) => id)}) and not tags @> '{institutional}'`;
}

/** Sets the badges that the shop's notes prove, as the detector will. */
export async function setBadges(sql: postgres.Sql, shop: Shop): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`set local role pls_detector`;
    await transaction`
      update public.gazelle_pianos set dampp_chaser_installed = true
      where external_id = any (${[...plsFromNotes(shop)]}) and dampp_chaser_installed is not true`;
  });
}

/** A shop is set up once: who takes a tag away afterwards does not find it back. */
export async function isSetUp(sql: postgres.Sql): Promise<boolean> {
  const [found] = await sql<{ any: boolean }[]>`select exists (select from ownership.history) as any`;
  return found?.any ?? false;
}

export interface Inventory {
  id: string;
  name: string;
  pianos: number;
  /** Of them, those that the tag `non` keeps out of the inventory. */
  hidden: number;
  badges: number;
}

/** Institutions by their tag, with their pianos and badges. */
export async function institutions(sql: postgres.Sql, clients: string, pianos: string): Promise<Inventory[]> {
  return await sql<Inventory[]>`
    select c.external_id as id, c.company_name as name,
      count(p.external_id)::integer as pianos,
      count(*) filter (where p.tags @> '{non}')::integer as hidden,
      count(*) filter (where p.dampp_chaser_installed)::integer as badges
    from ${sql(clients)} c
    left join ${sql(pianos)} p on p.client_external_id = c.external_id
    where c.tags @> '{institutional}'
    group by c.external_id, c.company_name
    order by pianos desc, name`;
}

export async function badges(sql: postgres.Sql, pianos: string): Promise<{ notes: number; gazelle: number }> {
  const [found] = await sql<{ notes: number; gazelle: number }[]>`
    select
      count(*) filter (where c.writer = 'pls_detector')::integer as notes,
      count(*) filter (where c.writer is null)::integer as gazelle
    from ${sql(pianos)} p
    left join ownership.claims c
      on c.tbl = 'public.gazelle_pianos'::regclass and c.col = 'dampp_chaser_installed' and c.key = p.external_id
    where p.dampp_chaser_installed`;
  return found ?? { notes: 0, gazelle: 0 };
}
