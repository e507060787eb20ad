-- What is missing upstream is marked, never deleted, and only after two complete reads in a row without it.

create function sync.mark_missing(run sync.runs)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  target regclass := (select s.target from sync.streams s where s.stream = run.stream);
  marked integer;
begin
  if run.dry_run or not sync.proves_absence(run) then
    return 0;
  elsif run.lacking = 0 then
    delete from sync.absent_records a where a.stream = run.stream;
    return 0;
  end if;
  execute format(
    $sql$
      with lacking as materialized (select * from %2$s l),
      forgotten as (
        delete from sync.absent_records a where a.stream = $2
      ), remembered as (
        insert into sync.absent_records (stream, external_id)
        select $2, l.external_id from lacking l where l.missing_since is null
      ), marked as (
        update %1$s live
        set missing_since = lacking.missing_since
        from lacking
        where live.external_id = lacking.external_id and lacking.missing_since is not null
        returning live.external_id, live.missing_since
      ), noted as (
        insert into sync.changes (run_id, external_id, was, became)
        select $1, m.external_id, '{"missing_since": null}', jsonb_build_object('missing_since', m.missing_since)
        from marked m
      )
      select count(*) from marked
    $sql$, target, sync.lacking(run)) into marked using run.id, run.stream;
  return marked;
end;
$$;
comment on function sync.mark_missing(sync.runs) is
  'Marks rows that two complete reads in a row lacked, or one that was allowed to lose them. Rows that come back are
   cleared when they are applied.';
