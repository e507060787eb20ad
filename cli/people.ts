// The data of a shop that Gazelle does not have: tags made by hand, and badges derived from its service notes.

import type postgres from "postgres";
import { INSTITUTIONS } from "../gazelle-double/shop/institutions.ts";
import { plsFromNotes } from "../gazelle-double/shop/pls.ts";
import type { Shop } from "../gazelle-double/shop/shop.ts";

/** Tags the five institutions as a person would, with plain SQL on the table. */
export async function tagInstitutions(sql: postgres.Sql): Promise<void> {
  await sql`
    update public.gazelle_clients set tags = tags || '{institutional}'
    where external_id = any (${INSTITUTIONS.map(({ id }) => id)}) and not tags @> '{institutional}'`;
}

/** Sets the badges that the shop's notes prove, as the detector would, without a timeline to read. */
export async function setBadges(sql: postgres.Sql, shop: Shop): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`set local role pls_detector`;
    await transaction`
      update public.gazelle_pianos set dampp_chaser_installed = true
      where external_id = any (${[...plsFromNotes(shop)]}) and dampp_chaser_installed is not true`;
  });
}

/** A shop is set up only once, so that a tag which a person removes later does not come back. */
export async function isSetUp(sql: postgres.Sql): Promise<boolean> {
  const [found] = await sql<{ any: boolean }[]>`
    select exists (select from ownership.claims where tbl = 'public.gazelle_clients'::regclass and col = 'tags') as any`;
  return found?.any ?? false;
}

export interface Inventory {
  id: string;
  name: string;
  pianos: number;
  /** How many of them the tag `non` keeps out of the inventory. */
  hidden: number;
  badges: number;
}

/** The clients tagged as institutions, with their pianos and badges. */
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

export interface Badge {
  piano: string;
  /** Make and model. */
  name: string;
  /** Where the badge comes from: `notes`, `gazelle`, `person`, or the name of a writer. */
  source: string;
  /** The sentence of the note that proves it, if one does. */
  reason: string;
  /** Whether that sentence is strong evidence or weak; null without one. */
  grade: "strong" | "weak" | null;
}

/** All PLS badges with their reasons. */
export async function badges(sql: postgres.ISql): Promise<Badge[]> {
  return await sql<Badge[]>`
    select p.external_id as piano, concat_ws(' ', nullif(p.make, ''), nullif(p.model, '')) as name,
      coalesce(b.source, 'gazelle') as source, coalesce(b.reason, 'Gazelle says so') as reason, b.grade
    from public.gazelle_pianos p
    left join shop.badge_reasons() b on b.piano_external_id = p.external_id
    where p.dampp_chaser_installed
    order by p.external_id`;
}

export interface PianoToCheck {
  piano: string;
  /** Make and model. */
  name: string;
  has_badge: boolean;
  reason: string;
  /** The sentence to look at, and its day. */
  sentence: string | null;
  on: string | null;
}

/** The pianos whose badge the notes leave open, with the sentences to look at. */
export async function pianosToCheck(sql: postgres.ISql): Promise<PianoToCheck[]> {
  return await sql<PianoToCheck[]>`
    select c.piano, c.name, c.has_badge, c.reason, c.sentence, to_char(c.occurred_at, 'YYYY-MM-DD') as on
    from public.pls_to_check c
    order by c.occurred_at desc nulls last, c.piano`;
}
