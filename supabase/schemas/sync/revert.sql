-- Undo: what a run changed is put back where nothing newer stands there. The role is that of the source, as in any
-- write of
-- a run, so that the ownership policies apply, and nobody owns what is put back.

create function sync.revert_sql(target regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    $sql$
      with cell as materialized (
        select c.external_id, w.key as col, w.value as was, live.tuple is not null as is_there,
          coalesce(live.tuple -> w.key, 'null') as stands,
          coalesce(live.tuple -> w.key, 'null') = c.became -> w.key as is_ours
        from sync.changes c
        cross join lateral jsonb_each(c.was) w
        left join lateral (
          select to_jsonb(l) as tuple from %1$s l where l.external_id = c.external_id
        ) live on true
        where c.run_id = $1
      ), back as (
        select c.external_id, jsonb_object_agg(c.col, c.was) as payload
        from cell c
        where c.is_ours and c.is_there
        group by c.external_id
      ), updated as (
        update %1$s live
        set (%2$s) = (select %3$s from jsonb_populate_record(live, back.payload) sent)
        from back
        where live.external_id = back.external_id
        returning live.external_id, to_jsonb(live) as tuple
      )
      select c.external_id, c.col::name, case
          when not c.is_there then 'gone'
          when not c.is_ours then 'newer'
          when coalesce(u.tuple -> c.col, 'null') = c.was then 'put back'
          else 'kept'
        end, c.stands, c.was
      from cell c
      left join updated u on u.external_id = c.external_id
      order by c.external_id, c.col
    $sql$,
    target, string_agg(format('%I', c.name), ', '), string_agg(format('sent.%I', c.name), ', '))
  from (
    select s.name from sync.columns_of(revert_sql.target) s
    union all
    select 'missing_since'
  ) c
$$;
comment on function sync.revert_sql(regclass) is
  'The SQL that puts back what a run ($1) changed, and says of each cell whether it could.';

create function sync.delete_insertions(run sync.runs)
returns table (external_id text, action text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return query execute format(
    $sql$
      with inserted as materialized (
        select i.version, k.external_id, k.place
        from sync.insertions i, unnest(i.external_ids, i.places) k (external_id, place)
        where i.run_id = $1
      ), deleted as (
        delete from %1$s live
        using inserted i
        where live.external_id = i.external_id and live.xmin = i.version and live.ctid = i.place
        returning live.external_id
      )
      select i.external_id,
        case when d.external_id is not null then 'deleted' when live.external_id is not null then 'newer' else 'gone' end
      from inserted i
      left join deleted d on d.external_id = i.external_id
      left join %1$s live on live.external_id = i.external_id
      order by i.external_id
    $sql$, (select s.target from sync.streams s where s.stream = run.stream)) using run.id;
end;
$$;
comment on function sync.delete_insertions(sync.runs) is
  'Deletes the rows that a run inserted and that nobody wrote since. Security definer, because the role of a source may
   not delete.';

create function sync.revert_cells(run sync.runs)
returns table (external_id text, col name, action text, stands jsonb, put_back jsonb)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return query execute sync.revert_sql((select s.target from sync.streams s where s.stream = run.stream)) using run.id;
  return query select d.external_id, null::name, d.action, null::jsonb, null::jsonb from sync.delete_insertions(run) d;
end;
$$;
comment on function sync.revert_cells(sync.runs) is
  'Puts back the cells that a run changed, then deletes the rows that it inserted.';

create function sync.revert(run_id bigint, dry_run boolean default false)
returns table (external_id text, col name, action text, stands jsonb, put_back jsonb)
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs;
  outcome jsonb;
begin
  select * into run from sync.runs r where r.id = revert.run_id for update;
  if run.id is null then
    raise exception 'there is no run %', revert.run_id using
      errcode = 'PT404',
      hint = 'See sync.runs.';
  end if;
  if run.finished_at is null then
    raise exception 'run % is not over', run.id using
      errcode = 'PT409',
      hint = 'Switch the stream off (sync.streams.is_enabled), and take the run back once it has ended.';
  end if;
  perform sync.act_as_source(run.stream);
  begin
    select jsonb_agg(to_jsonb(c)) into outcome from sync.revert_cells(run) c;
    update sync.runs r set reverted_at = clock_timestamp() where r.id = run.id;
    if revert.dry_run then
      raise exception using errcode = 'SY000';
    end if;
  exception
    -- A dry run does everything, and rolls it back.
    when sqlstate 'SY000' then
      null;
  end;
  return query
  select o.external_id, o.col, o.action, o.stands, o.put_back
  from jsonb_to_recordset(outcome) o (external_id text, col name, action text, stands jsonb, put_back jsonb);
end;
$$;
comment on function sync.revert(bigint, boolean) is
  'Reverts a run. Returns a row for each cell that it changed, and for each row that it inserted (without a column). The
   action is put back or deleted; newer, where something else stands there by now; kept, where ownership keeps what
   stands there; gone, where there is no such row any more. PT404 for an unknown run, PT409 for one that is not over.';

create function public.sync_revert_run(run_id bigint, dry_run boolean default true, row_limit integer default 20)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs := sync.find_run(run_id);
begin
  return (
    with cell as materialized (
      select * from sync.revert(run.id, coalesce(sync_revert_run.dry_run, true))
    )
    select jsonb_build_object('run_id', run.id, 'stream', run.stream, 'dry_run', coalesce(dry_run, true),
      'stream_enabled', (select s.is_enabled from sync.streams s where s.stream = run.stream),
      'actions', (
        select coalesce(jsonb_object_agg(a.action, a.times), '{}')
        from (select c.action, count(*) as times from cell c group by c.action) a
      ),
      'samples', (
        select coalesce(jsonb_agg(to_jsonb(s)), '[]')
        from (select * from cell c where c.col is distinct from 'updated_at' limit row_limit) s
      ))
  );
end;
$$;
comment on function public.sync_revert_run(bigint, boolean, integer) is
  'Reverts a run as sync.revert does, by default as a dry run. Returns counts by action, and a few cells. PT404 for an
   unknown run, PT409 for one that is not over.';
