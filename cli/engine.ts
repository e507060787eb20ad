// What the functions of schema public ask of the ownership engine on behalf of the API, asked of the engine itself: by
// SQL nothing else of this project has to be installed.

import type postgres from "postgres";
import type { FunctionName } from "../supabase/functions/_shared/calls.ts";

export type Values = Record<string, string | number | boolean | string[] | null | undefined>;
type Ask = (sql: postgres.Sql, given: Values) => Promise<{ answer: unknown }[]>;

/** By the name of the function in schema public that answers the same. */
export const engine: Partial<Record<FunctionName, Ask>> = {
  ownership_explain: (sql, { tbl, key, col }) =>
    sql`
      select coalesce(jsonb_agg(to_jsonb(e) order by e.column_name), '[]') as answer
      from ownership.explain(${text(tbl)}::text::regclass, ${text(key)}, ${text(col)}) e`,
  ownership_list_history: (sql, { tbl, key, col, row_limit }) =>
    sql`
      with wanted as materialized (
        -- explain raises the errors for a table, column or row that does not exist.
        select (${qualified(sql, sql`${text(tbl)}::text::regclass`)}) as tbl,
          ownership.canonical_key(${text(tbl)}::text::regclass, ${text(key)}) as key
        from (select count(*) from ownership.explain(${text(tbl)}::text::regclass, ${text(key)}, ${
      text(col)
    })) known
      )
      select coalesce(jsonb_agg(to_jsonb(h) order by h.id desc), '[]') as answer
      from (
        select e.id, e.at, e.col, e.element, e.event, e.writer, e.role, e.sub, e.run, e.old_value, e.new_value
        from wanted
        join ownership.history e on e.tbl = wanted.tbl and e.key = wanted.key
        where e.col = ${text(col)}::name or ${text(col)}::name is null
        order by e.id desc
        limit ${row_limit as number}
      ) h`,
  ownership_list_policies: (sql) =>
    sql`
      select coalesce(jsonb_agg(to_jsonb(p) order by p.tbl, p.col), '[]') as answer
      from (
        select case when n.nspname = 'public' then quote_ident(c.relname) else ${
      qualified(sql, sql`o.tbl`)
    } end as tbl,
          o.col, o.mode, o.identity_key, o.blank_values, o.on_conflict, o.empty_is_opinion, o.protected_at
        from ownership.policies o
        left join pg_catalog.pg_class c on c.oid = o.tbl
        left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      ) p`,
  ownership_health: (sql) =>
    sql`
      select coalesce(jsonb_agg(to_jsonb(h) || jsonb_build_object('tbl', (${
      qualified(sql, sql`h.tbl`)
    }))), '[]') as answer
      from ownership.health() h`,
  shop_verify: async (sql) => {
    const [shop] = await sql<
      { there: boolean }[]
    >`select to_regprocedure('public.shop_verify()') is not null as there`;
    return shop!.there ? await sql`select public.shop_verify() as answer` : await verifyEngine(sql);
  },
};

const text = (value: Values[string]) => value === undefined ? null : value as string | null;

/** The name of a table with its schema, whatever the search path; that of one that is gone is its number. */
function qualified(sql: postgres.Sql, table: postgres.PendingQuery<postgres.Row[]>) {
  return sql`coalesce((
    select format('%I.%I', cn.nspname, cc.relname)
    from pg_catalog.pg_class cc join pg_catalog.pg_namespace cn on cn.oid = cc.relnamespace
    where cc.oid = ${table}), ${table}::text)`;
}

/** Where the engine is alone: claims are compared with what stands, and the guards with what was made. */
function verifyEngine(sql: postgres.Sql) {
  return sql<{ answer: unknown }[]>`
    with lost as materialized (
      select format('%s.%s of %s', v.tbl, v.col, v.key) as cell from ownership.verify() v
    ),
    checks as (
      select 'values_lost' as code, 'protected values' as name, 'lost' as grave, held.count as expected,
        held.count - (select count(*) from lost) as found,
        (select array_agg(l.cell order by l.cell) from (select cell from lost order by 1 limit 5) l) as details,
        'ownership.restore' as hint
      from (select count(*) from ownership.claims) held
      union all
      select 'protection_weakened', 'protection', 'failed', 0, count(*),
        (array_agg(format('%s: %s', h.problem, h.object) order by h.problem, h.object))[:5], 'etiquette health'
      from ownership.health() h
    ),
    judged as (
      select c.code, c.name, c.expected, c.found, c.details, case when c.expected <> c.found then c.hint end as hint,
        case when c.expected = c.found then 'well' else c.grave end as state,
        format('%s of %s', c.found, c.expected) as message
      from checks c
    )
    select jsonb_build_object('at', clock_timestamp(),
      'state', coalesce(min(j.state) filter (where j.state = 'lost'), min(j.state) filter (where j.state = 'failed'), 'well'),
      'findings', coalesce(jsonb_agg(to_jsonb(j) order by j.state desc) filter (where j.state <> 'well'), '[]'),
      'well', coalesce(jsonb_agg(to_jsonb(j)) filter (where j.state = 'well'), '[]')) as answer
    from judged j`;
}
