-- The text of an alert as it is posted, in the format that Slack takes and others have copied. An alert quotes others:
-- a source, a record, an application's constraint. What they said stays text.

create function sync.harmless(said text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select regexp_replace(regexp_replace(regexp_replace(regexp_replace(
    replace(replace(replace(said, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'),
    -- What cannot be seen, or turns the direction of what follows.
    '[\u0001-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]',
    '?', 'g'),
    '(@|mailto:)(?=[[:alpha:]])', '\1 ', 'g'),
    '\](?=[([])', '] ', 'g'),
    ':(?=//)|\mwww(?=\.)', '\& ', 'gi')
$$;
comment on function sync.harmless(text) is
  'A text that calls nobody and links nowhere, with a space where a mention, a link of Markdown or an address would
   begin to be one. Only addresses without https:// or www. are left.';

create function sync.alert_text(about text, kind text, run_id bigint, message text, details text, hint text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select concat_ws(E'\n',
    format('*%s: %s*', about, kind) || case when run_id is not null then format(' (%s)', coalesce(
      '<' || replace((select s.run_link from sync.settings s), '{run}', run_id::text) || format('|run %s>', run_id),
      format('run %s', run_id))) else '' end,
    -- An address without https:// ends at its dots. A hint is ours, and may have a statement to copy.
    regexp_replace(sync.harmless(concat_ws(E'\n', message, details)), '(?<=\w)\.(?=[[:alpha:]]{2})', ' .', 'g'),
    sync.harmless(hint))
$$;
comment on function sync.alert_text(text, text, bigint, text, text, text) is
  'An alert as it is posted: what it is about with a link to the run, and what happened, without anything that would
   notify people or become a link.';
