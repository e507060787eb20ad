-- What people own on records that are gone. Gazelle merges clients and pianos: the sender vanishes, what hung on it
-- goes to the receiver, and what people own of the sender stays on a row that nobody looks at. It is told, and carried
-- over.

create function shop.left_behind()
returns table (tbl regclass, key text, name text, gone_since timestamptz, owned text[])
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with gone as (
    select 'public.gazelle_clients'::regclass as tbl, c.external_id, c.company_name as name, c.missing_since
    from public.gazelle_clients c where c.missing_since is not null
    union all
    select 'public.gazelle_pianos'::regclass, p.external_id, concat_ws(' ', p.make, p.model), p.missing_since
    from public.gazelle_pianos p where p.missing_since is not null
    union all
    select 'public.gazelle_contacts'::regclass, t.external_id, concat_ws(' ', t.first_name, t.last_name),
      t.missing_since
    from public.gazelle_contacts t where t.missing_since is not null
  ), owned as (
    select c.tbl, c.key, c.col || coalesce(': ' || string_agg(c.value #>> '{}', ', ' order by c.element)
      filter (where c.element <> ''), '') as what
    from ownership.claims c
    where c.rank >= 100 and not c.removed and not ownership.is_blank(c.value)
    group by c.tbl, c.key, c.col
    union all
    select 'public.gazelle_clients'::regclass, i.client_external_id, 'configuration ' || i.slug
    from public.institution_config i
  )
  select g.tbl, g.external_id, g.name, g.missing_since, array_agg(o.what order by o.what)
  from gone g
  join owned o on o.tbl = g.tbl and o.key = g.external_id
  group by g.tbl, g.external_id, g.name, g.missing_since
$$;
comment on function shop.left_behind() is
  'Records that are gone from Gazelle and of which people own something: which tags, columns and configuration.';

create function shop.receivers_of(gone text[])
returns table (gone text, receiver text, pianos bigint, records bigint)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select c.was ->> k.col, c.became ->> k.col, count(distinct c.external_id) filter (where r.stream = 'pianos'),
    count(distinct (r.stream, c.external_id))
  from sync.changes c
  join sync.runs r on r.id = c.run_id and r.reverted_at is null
  cross join unnest('{client_external_id,client_id,piano_external_id,piano_id}'::text[]) k (col)
  where cardinality(receivers_of.gone) > 0 and c.was ->> k.col = any (receivers_of.gone)
    and c.became ->> k.col is not null
  group by 1, 2
$$;
comment on function shop.receivers_of(text[]) is
  'Where the pianos and other records of clients or pianos went, from what runs changed and is still on record.';

create function shop.verify_left_behind()
returns table (name text, expected bigint, found bigint, examples text[])
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with behind as materialized (select * from shop.left_behind()), went as materialized (
    select distinct on (r.gone) r.gone, r.receiver, r.pianos, r.records
    from shop.receivers_of(array(select b.key from behind b)) r
    order by r.gone, r.pianos desc, r.records desc, r.receiver
  )
  select 'gone from Gazelle, and people own something of it', 0, count(*), (array_agg(
    format('%s: %s', concat_ws(' ', b.key, nullif(b.name, '')), array_to_string(b.owned, '; ')) || coalesce(format(
      '; %s of its pianos and %s other records are now with %s: etiquette carry %s %s',
      w.pianos, w.records - w.pianos, w.receiver, b.key, w.receiver), '; nothing of it went elsewhere')
    order by b.gone_since desc, b.key))[:5]
  from behind b
  left join went w on w.gone = b.key
$$;
comment on function shop.verify_left_behind() is
  'Records that are gone and of which people own something: which it is, where their pianos went, and what carries it
   over.';

create function shop.check_carry(gone text, receiver text)
returns regclass
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  target regclass;
  sender text;
  sender_is_gone boolean;
  heir text;
  heir_is_gone boolean;
begin
  foreach target in array '{public.gazelle_clients,public.gazelle_pianos,public.gazelle_contacts}'::regclass[] loop
    execute format('select external_id, missing_since is not null from %s where external_id = $1', target)
      into heir, heir_is_gone using receiver;
    execute format('select external_id, missing_since is not null from %s where external_id = $1', target)
      into sender, sender_is_gone using gone;
    exit when heir is not null;
  end loop;
  if heir is null or heir_is_gone or gone = receiver then
    raise exception 'nothing can be carried over to %', coalesce(quote_literal(receiver), 'NULL') using
      errcode = 'PT404',
      detail = case when gone = receiver then 'It is the record that is gone.'
        when heir is null then 'There is no client, piano or contact of this external_id.'
        else 'It is gone as well.' end,
      hint = 'Give the record of Gazelle that took its place: etiquette carry lists what went where.';
  elsif not sender_is_gone then
    raise exception '% is not gone', quote_literal(gone) using
      errcode = 'PT409',
      detail = 'Gazelle still has it. A record is gone when two complete reads in a row lack it.',
      hint = 'Wait for the next complete run of its stream.';
  elsif not exists (select from ownership.claims c where c.tbl = target and c.key = gone) and not exists (
    select from public.institution_config i where i.client_external_id = gone
  ) then
    raise exception 'nobody owns anything of %', coalesce(quote_literal(gone), 'NULL') using
      errcode = 'PT404',
      detail = format('It has no claim in %s.', target),
      hint = 'etiquette carry lists the records that are gone and of which people own something.';
  end if;
  return target;
end;
$$;
comment on function shop.check_carry(text, text) is
  'The table of a record that is gone and of the one that took its place. PT404 where there is no such receiver or
   nothing to carry, PT409 where Gazelle still has the first.';

create function shop.cells_to_carry(gone text, receiver text, target regclass, over_cols name[])
returns table (tbl regclass, col name, mode text, claim jsonb, owner name, stands jsonb, goes boolean)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select c.tbl, c.col, p.mode,
    jsonb_build_object('key', receiver, 'value', coalesce(c.value, to_jsonb(c.element)), 'writer', c.writer,
      'since', c.since),
    x.owner, x.value,
    c.element <> '' or x.owner is null and c.col <> 'slug' and (
      sync.is_nothing(x.value) or x.value = c.value or c.col = any (over_cols)
      -- What stands in a configuration that nobody owns are defaults.
      or c.tbl = 'public.institution_config'::regclass)
  from ownership.claims c
  join ownership.policies p on p.tbl = c.tbl and p.col = c.col
  -- A configuration goes as a whole where the receiver has none.
  join lateral ownership.explain(c.tbl, receiver) x on x.column_name = c.col
  where c.key = gone and c.rank >= 100 and not c.removed and not ownership.is_blank(c.value)
    and (c.tbl = target or target = 'public.gazelle_clients'::regclass and c.tbl = 'public.institution_config'::regclass
      and exists (select from public.institution_config i where i.client_external_id = receiver))
$$;
comment on function shop.cells_to_carry(text, text, regclass, name[]) is
  'What people own of a record that is gone: as a claim of the receiver, what stands there, and whether it goes there.
   Tags do, and what finds its cell free.';

create function shop.move_config(gone text, receiver text, dry_run boolean)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  moved jsonb;
begin
  select to_jsonb(i.slug) into moved
  from public.institution_config i
  where i.client_external_id = gone and not exists (
    select from public.institution_config o where o.client_external_id = receiver);
  if moved is not null and not dry_run then
    -- A person changes the key: claims and history go along.
    update public.institution_config set client_external_id = receiver where client_external_id = gone;
  end if;
  return moved;
end;
$$;
comment on function shop.move_config(text, text, boolean) is
  'Gives the configuration of an institution to the receiver, unless that has one; returns its slug, or NULL.';

create function shop.as_export(cells jsonb)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('format', 'ownership-export', 'version', 1, 'exported_at', now(), 'columns', coalesce((
    select jsonb_agg(o.exported)
    from (
      select jsonb_build_object(
        'table', c.tbl, 'column', c.col, 'mode', c.mode, 'claims', jsonb_agg(c.claim)) as exported
      from jsonb_to_recordset(cells) c (tbl text, col text, mode text, claim jsonb, goes boolean)
      where c.goes
      group by c.tbl, c.col, c.mode
    ) o
  ), '[]'))
$$;
comment on function shop.as_export(jsonb) is
  'The cells that go to a receiver (rows of shop.cells_to_carry) as a document for ownership.import, which keeps their
   owners.';

create function shop.carry_over(gone text, receiver text, over_cols name[] default '{}', dry_run boolean default true)
returns table (
  table_name regclass, col name, key text, action text, current_value jsonb, carried_value jsonb, detail text
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  target constant regclass := shop.check_carry(gone, receiver);
  is_dry constant boolean := coalesce(carry_over.dry_run, true);
  cells constant jsonb := coalesce((
    select jsonb_agg(to_jsonb(c)) from shop.cells_to_carry(gone, receiver, target, over_cols) c), '[]');
  refused text[] := '{}';
  slug jsonb;
  found record;
begin
  perform ownership.require_person('carry_over');
  if not is_dry then
    perform ownership.mark(format('before %s was carried over to %s', gone, receiver));
  end if;
  key := receiver;
  slug := case when target = 'public.gazelle_clients'::regclass then shop.move_config(gone, receiver, is_dry) end;
  if slug is not null then
    return query select 'public.institution_config'::regclass, 'client_external_id'::name, receiver,
      case when is_dry then 'would carry' else 'carried' end, null::jsonb, slug, 'the whole configuration';
  end if;
  for found in select * from ownership.import(shop.as_export(cells), is_dry) loop
    if found.action = 'conflict' then
      refused := refused || format('%s.%s', found.table_name, found.col);
    end if;
    return query select found.table_name, found.col, receiver, case when found.action = 'conflict' then 'stays'
      when is_dry then 'would carry' else 'carried' end, found.current_value, found.imported_value,
      case when found.action = 'conflict' then 'people decided otherwise there' else 'from ' || gone end;
  end loop;
  return query
  select c.tbl::regclass, c.col, receiver, 'stays', c.stands, c.claim -> 'value',
    case when c.col = 'slug' then 'each institution has its own'
      when c.owner is not null then format('%s owns it', c.owner)
      else 'something else stands there' end
  from jsonb_to_recordset(cells) c (tbl text, col name, claim jsonb, owner name, stands jsonb, goes boolean)
  where not c.goes;

  -- What went is not owned twice: there it stands, here it is the source's again.
  for found in
    select c.tbl::regclass as tbl, c.col
    from jsonb_to_recordset(cells) c (tbl text, col name, goes boolean)
    where not is_dry
    group by c.tbl, c.col
    having bool_and(c.goes) and format('%s.%s', c.tbl::regclass, c.col) <> all (refused)
  loop
    perform ownership.release(found.tbl, gone, found.col);
  end loop;
end;
$$;
comment on function shop.carry_over(text, text, name[], boolean) is
  'Carries what people own of a record that is gone over to the one that took its place, with its owner; a dry run by
   default. Tags are added; a configuration goes as a whole unless the receiver has one; any other value goes where
   nothing else stands, or where its column is in over_cols and nobody owns it there. What stays is told, and stays
   owned here. Errors: OW001, PT404, PT409.';

revoke execute on function
  shop.left_behind, shop.receivers_of, shop.verify_left_behind, shop.check_carry, shop.cells_to_carry, shop.move_config,
  shop.as_export, shop.carry_over
from public;
