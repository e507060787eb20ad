-- Modes: what a policy does to a write. Everything that has to know it asks here: the generated triggers, foresee, the
-- checks of protect, health, verify and restore; and a test compares docs/ownership.md with it.

create function ownership.modes()
returns table (
  mode text, default_for text, keeps_out text, rests_on_claims boolean, leaves_claims boolean, merges boolean,
  lower_rank text, blank text
)
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  values
    ('source', null, null, false, false, false,
      'goes through', 'clears'),
    ('source_unless_blank', null, '{sent_is_blank}', false, false, false,
      'goes through when not blank', 'kept out'),
    ('fill_blank', null, '{sent_is_blank} or not {stands_is_blank} or {is_claimed}', false, true, false,
      'only into a blank cell', 'kept out'),
    ('manual', null, 'true', false, true, false,
      'only on the row''s first insert', 'kept out'),
    ('claim', 'scalars', '{is_owned} or {sent_is_blank} and not {stands_is_blank} and not {is_source}', true, true, false,
      'goes through until a higher rank has written the cell, then kept out until released',
      'kept out once claimed; before, only its source''s goes through'),
    ('merge_set', 'arrays of text', '{says_nothing}', false, true, true,
      'merged by element, see [Sets](#sets)', 'see there');
end
$$;
comment on function ownership.modes is
  'The modes that protect takes. default_for: columns that get the mode where none is named. keeps_out: the SQL
   condition under which a write by a lower rank is kept out as a whole (NULL: never); in braces stand conditions that
   are known of every write, see ownership_private.condition_sql. rests_on_claims: nothing that the column''s own
   source sends is kept out where nobody has claimed a cell of the column. leaves_claims: what a writer writes is his.
   merges: what is not kept out is merged by element. lower_rank, blank: the same in words, for a write by a lower
   rank, and for a blank by anybody but a person.';

create function ownership_private.is_mode(mode text)
returns boolean
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select exists (select from ownership.modes() m where m.mode = is_mode.mode)
$$;
comment on function ownership_private.is_mode is 'Whether there is a mode of this name.';

create function ownership_private.merges(mode text)
returns boolean
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select m.merges from ownership.modes() m where m.mode = merges.mode
  );
end
$$;
comment on function ownership_private.merges is
  'Whether a mode has to do with the elements of a set: claims are on elements then, and else on whole values.';

create function ownership_private.default_mode(kind text)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select m.mode from ownership.modes() m where m.default_for = kind
$$;
comment on function ownership_private.default_mode is 'The mode of arrays of text, or of scalars and other arrays, where none is named.';

create function ownership_private.condition_sql(
  keeps_out text, sent_is_blank text, stands_is_blank text, is_claimed text, is_owned text, says_nothing text,
  is_source text
)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select replace(replace(replace(replace(replace(replace(keeps_out, '{sent_is_blank}', sent_is_blank),
    '{stands_is_blank}', stands_is_blank), '{is_claimed}', is_claimed), '{is_owned}', is_owned),
    '{says_nothing}', says_nothing), '{is_source}', is_source)
$$;
comment on function ownership_private.condition_sql is
  'The condition of a mode, with the SQL for what it builds on: the value sent is blank; what stands there is blank;
   the cell is claimed; its owner keeps the value out (owner_keeps_sql); a set was sent that is no opinion; the writer
   is the source of the column.';

create function ownership_private.owner_keeps_sql(claim text, writer_rank text, sent_is_blank text, sent text)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  -- As text, because jsonb calls 1.0 and 1.00 equal.
  select format('(%1$s.rank > %2$s or %3$s) and %1$s.value::text is distinct from (%4$s)::text',
    claim, writer_rank, sent_is_blank, sent)
$$;
comment on function ownership_private.owner_keeps_sql is
  'The condition under which the owner of a cell, whose claim is given, keeps a value out: he ranks higher, or the value
   is blank. His own value comes back by any hand.';
