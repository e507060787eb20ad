-- Functions of the ownership engine for the command line. They are in public, so that the API exposes them, and return
-- one JSON value each.

create function public.ownership_explain(tbl regclass, key text, col name default null)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(to_jsonb(e) order by e.column_name), '[]') from ownership.explain(tbl, key, col) e
$$;
comment on function public.ownership_explain(regclass, text, name) is
  'ownership.explain, one object a column. Errors: OW008, OW010, OW011.';

create function public.ownership_list_history(
  tbl regclass,
  key text,
  col name default null,
  row_limit integer default 50
)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  row_key text;
begin
  -- explain raises the errors for a table, column or row that does not exist.
  perform from ownership.explain(tbl, key, col);
  row_key := ownership.canonical_key(tbl, key);
  return (
    select coalesce(jsonb_agg(to_jsonb(h) order by h.id desc), '[]')
    from (
      select e.id, e.at, e.col, e.element, e.event, e.writer, e.role, e.sub, e.run, e.old_value, e.new_value
      from ownership.history e
      where e.tbl = ownership_list_history.tbl::text
        and e.key = row_key
        and (e.col = ownership_list_history.col or ownership_list_history.col is null)
      order by e.id desc
      limit row_limit
    ) h
  );
end;
$$;
comment on function public.ownership_list_history(regclass, text, name, integer) is
  'The history of the protected cells of a row, newest first. Errors: OW008, OW010, OW011.';

create function public.ownership_list_policies()
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(to_jsonb(p) order by p.tbl, p.col), '[]')
  from (
    select
      case when n.nspname = 'public' then quote_ident(c.relname) else o.tbl::text end as tbl,
      o.col, o.mode, o.identity_key, o.blank_values, o.on_conflict, o.empty_is_opinion, o.protected_at
    from ownership.policies o
    left join pg_catalog.pg_class c on c.oid = o.tbl
    left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  ) p
$$;
comment on function public.ownership_list_policies() is 'Protected columns and their policies.';

create function public.ownership_health()
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(to_jsonb(h)), '[]') from ownership.health() h
$$;
comment on function public.ownership_health() is 'ownership.health, one object a problem.';

revoke execute on function
  public.ownership_explain, public.ownership_list_history, public.ownership_list_policies, public.ownership_health
from public, anon, authenticated, service_role;
grant execute on function
  public.ownership_explain, public.ownership_list_history, public.ownership_list_policies, public.ownership_health
to service_role;
