-- What is known need not be sent, staged or compared: records that are as they were, of rows that nobody wrote since.

create function sync.make_known(stream text, target regclass)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  known text := format('sync.%I', 'known_' || stream);
begin
  -- Unlogged, as what is staged: without it everything is compared once.
  execute format(
    $sql$
      create unlogged table if not exists %s (
        external_id text primary key, fingerprint uuid not null, version xid not null, place tid not null
      )
    $sql$, known);
  execute format('comment on table %s is %L', known,
    'What was read last of the records that need no write, and the version (xmin) and place (ctid) of the row that was so.');
  execute format('grant select, insert, update, truncate on %s to gazelle_sync', known);
  execute format(
    $sql$
      create or replace function sync.%I(fingerprints jsonb)
      returns text[]
      language plpgsql
      stable
      security invoker
      set search_path = ''
      -- The plan is kept, and made perhaps while there is little to look for: by the index all the same.
      set enable_seqscan = off
      set enable_hashjoin = off
      set enable_mergejoin = off
      as $known$
      begin
        return array(
          select k.external_id
          from jsonb_each_text(fingerprints) f (external_id, fingerprint)
          join %s k on k.external_id = f.external_id and k.fingerprint = f.fingerprint::uuid
          join %s live on live.ctid = k.place and live.xmin = k.version and live.external_id = k.external_id
        );
      end
      $known$
    $sql$, 'known_in_' || stream, known, target);
  execute format('comment on function sync.%I(jsonb) is %L', 'known_in_' || stream,
    'Of some records those that are as they were when their row was last compared, which nobody has written since.');
end;
$$;
comment on function sync.make_known(text, regclass) is
  'Makes the table in which a stream keeps what it knows, and the function that looks it up.';

create function sync.forget_known(stream text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  -- A column that came since was never compared.
  update sync.streams s
  set known_columns = now.columns
  from (
    select array(select c.name from sync.columns_of(t.target) c) as columns
    from sync.streams t
    where t.stream = forget_known.stream
  ) now
  where s.stream = forget_known.stream and s.known_columns <> now.columns;
  if found then
    execute format('truncate sync.%I', 'known_' || forget_known.stream);
  end if;
end;
$$;
comment on function sync.forget_known(text) is 'Forgets what is known of a stream whose columns are others than before.';

create function sync.known_in(stream text, fingerprints jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  known text[] := '{}';
begin
  if fingerprints <> '{}' then
    execute format('select sync.%I($1)', 'known_in_' || stream) into known using fingerprints;
  end if;
  return to_jsonb(known);
end;
$$;
comment on function sync.known_in(text, jsonb) is 'The ids of the records, by id and fingerprint, that need not be sent.';

create function public.sync_known_records(run_id bigint, lease uuid, fingerprints jsonb)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = ''
set role = 'gazelle_sync'
as $$
declare
  run sync.runs := sync.hold(run_id, lease, 'stage');
begin
  return jsonb_build_object('known', sync.known_in(run.stream, fingerprints));
end;
$$;
comment on function public.sync_known_records(bigint, uuid, jsonb) is
  'Of the records of a page (an object of fingerprints by id) those that are as they were and need not be sent: {known}.
   A fingerprint is 128 bits of a digest of the record as it would be sent.';
