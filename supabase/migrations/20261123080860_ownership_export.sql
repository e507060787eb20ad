-- export: all manual values as one JSON document, to be kept outside the database.

create function ownership.export()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
set timezone = 'UTC'
as $$
begin
  perform ownership_private.require_person('export');
  return jsonb_build_object('format', 'ownership-export', 'version', 1, 'exported_at', now(), 'columns', (
    select coalesce(jsonb_agg(o.entry order by o.tbl, o.col), '[]')
    from (
      select t.tbl::text as tbl, p.col, jsonb_build_object(
        'table', t.tbl::text, 'column', p.col, 'mode', p.mode,
        'claims', jsonb_agg(
          jsonb_build_object('key', c.key, 'value', case when c.element = '' then c.value else
            coalesce(c.value, to_jsonb(c.element)) end, 'writer', c.writer, 'since', c.since)
          || case when c.removed then '{"removed": true}' else '{}'::jsonb end
          order by c.key, c.element)
        ) as entry
      from ownership_private.claims c
      join ownership_private.policies p on p.id = c.policy_id
      join ownership_private.protected_tables t on t.id = p.table_id
      -- Claims of the lowest rank bind nobody: a sync brings those values by itself.
      where c.rank > (select min(w.rank) from ownership_private.writers w)
      group by t.tbl, p.id, p.col, p.mode
    ) o
  ));
end
$$;
comment on function ownership.export is
  'All claimed values, with writer and date, as one document for ownership.import. Error: OW001.';

revoke all on function ownership.export from public;

select ownership_private.record_fingerprints();
