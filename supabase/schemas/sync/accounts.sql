-- Whose records a database has: those of one account of each source. Records of two would be told apart by nobody, so a
-- run that reads another account is refused before it stages anything.

create function sync.account_label(account jsonb)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select concat_ws(' ', nullif(btrim(account ->> 'name'), ''), format('(%s)', account ->> 'id'))
$$;
comment on function sync.account_label(jsonb) is 'An account as people read it: its name and id.';

create function sync.check_account(run sync.runs, account jsonb)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  source sync.sources := sync.source_of(run.stream);
  -- A run that is continued may have begun with other credentials.
  known jsonb := coalesce(source.account, run.account);
begin
  if account ->> 'id' <> known ->> 'id' then
    raise exception 'this database was filled from %, and % now answers as %', sync.account_label(known), source.label,
      sync.account_label(account) using
      errcode = 'SY004',
      detail = 'Records of two accounts in one database could not be told apart. Nothing was written.',
      hint = format('Set the credentials of %s again; or fill another database: locally npm start -- --fresh. If it is '
        'the same account under another id: update sync.sources set account = null where source = %L;',
        sync.account_label(known), source.source);
  end if;
end;
$$;
comment on function sync.check_account(sync.runs, jsonb) is
  'Raises SY004 where a run reads another account of its source than the one this database was filled from. NULL, where
   the source does not tell, passes.';

create function sync.keep_account(run sync.runs)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  update sync.sources s
  set account = run.account
  from sync.streams t
  where t.stream = run.stream and s.source = t.source
    and run.account is not null and s.account is distinct from run.account
$$;
comment on function sync.keep_account(sync.runs) is
  'Notes whose records this database is filled with, and by which name. For runs that check_account let through.';
