-- A rule that cannot work is refused when it is written: with its name, the place, the reason, and what is allowed.

create function pls.slow_at(pattern text)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  letter text;
  size integer := 8;
  started timestamptz;
  found text;
begin
  -- Texts of one letter of the pattern, or of all of it, are what an expression searches longest. They grow slowly, so
  -- that one which doubles its time with each character is noticed before it takes for ever.
  while size <= 512 loop
    for letter in
      select distinct f.m[1]
      from regexp_matches(slow_at.pattern || 'x', '[a-z0]', 'g') with ordinality f (m, n)
      where f.n <= 60
      limit 5
    loop
      started := clock_timestamp();
      found := regexp_replace(repeat(letter, size) || '!', slow_at.pattern, '', 'gi');
      if clock_timestamp() - started > interval '500 milliseconds' then
        return size;
      end if;
    end loop;
    size := case when size < 64 then size + 4 else size * 2 end;
  end loop;
  return null;
end
$$;
comment on function pls.slow_at(text) is
  'The length of a text on which an expression takes more than half a second, or null. Tried up to 512 characters.';

create function pls.word_fault(words text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select format('%s is no word of a list', quote_literal(w.word))
  from string_to_table(word_fault.words, ' ') w (word)
  where w.word !~ '^([a-z0-9]+(_[a-z0-9]+)*|[a-z0-9]{3,}\*|\*[a-z]{3,})$'
  limit 1
$$;
comment on function pls.word_fault(text) is 'Why a list of words cannot be used, or null.';

create function pls.repeats(pattern text)
returns numeric
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(round(exp(sum(ln(greatest(n.m[1]::numeric, nullif(n.m[3], '')::numeric, 1))))), 1)
  from regexp_matches(repeats.pattern, '\{(\d+)(,(\d*))?\}', 'g') n (m)
$$;
comment on function pls.repeats(text) is
  'What the counted repetitions of an expression multiply to. Nested ones make it too large to compile.';

create function pls.pattern_fault(kind text, pattern text)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  is_verdict constant boolean := kind in ('for', 'against', 'unclear', 'another', 'nothing');
  unknown constant text := (
    select m[1] from regexp_matches(pattern, '(\{[a-z]\w*\})', 'g') m
    where not (is_verdict and (pls.lists() ? btrim(m[1], '{}') or m[1] = any (pls.signs()))) limit 1);
  compiled constant text := case when is_verdict then pls.compiled(pattern) else pattern end;
  slow_at integer;
  started constant timestamptz := clock_timestamp();
begin
  if btrim(pattern) = '' then
    return 'it is empty';
  elsif length(pattern) > 2000 then
    return format('it has %s characters, and 2000 are allowed', length(pattern));
  elsif pls.lists() ? kind then
    return pls.word_fault(pattern);
  elsif pls.repeats(pattern) > 50 then
    return format('its repetitions multiply to %s, and 50 are allowed', pls.repeats(pattern));
  elsif pattern ~ '\\[1-9]' then
    return 'it refers back to a group';
  elsif pattern ~ '^(\(\?[a-z]+\)|\*\*\*)' then
    return 'it begins with an option, and stands inside a larger expression';
  elsif unknown is not null then
    return format('%s stands for nothing here', unknown);
  -- The time to compile counts. What was compiled before is kept, so the expression is never quite the same.
  elsif '' ~* format('(?:%s)|zqj%s', compiled, extract(epoch from started)) then
    return 'it matches the empty text, so every sentence';
  elsif 'zqj' ~* compiled or 'x x' ~* compiled then
    return 'it matches words that no rule knows, so every sentence';
  elsif clock_timestamp() - started > interval '500 milliseconds' then
    return 'it takes more than half a second to compile';
  end if;
  slow_at := pls.slow_at(compiled);
  if slow_at is not null then
    return format('it takes more than half a second on a text of %s characters', slow_at);
  end if;
  return null;
exception
  when invalid_regular_expression then
    return sqlerrm;
  when internal_error or program_limit_exceeded or out_of_memory then
    return 'it is too large to compile';
end
$$;
comment on function pls.pattern_fault(text, text) is 'Why a pattern cannot be used in a rule of that kind, or null.';

create function pls.contradicted(rule public.pls_rules)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select r.name
  from public.pls_rules r
  where r.enabled and (rule).enabled and r.name <> (rule).name and r.pattern = (rule).pattern
    and r.case_sensitive = (rule).case_sensitive and (r.kind, r.grade) is distinct from ((rule).kind, (rule).grade)
    and (
      '{for,against,unclear,another,nothing}' @> array[r.kind, (rule).kind] and r.priority = (rule).priority
      or '{other,system,initials,part,piece,reference,pronoun,act}' @> array[r.kind, (rule).kind]
    )
  order by r.name
  limit 1
$$;
comment on function pls.contradicted(public.pls_rules) is 'A rule that says something else of the same words, or null.';

create function pls.date_rule()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'UPDATE' and (new.kind <> old.kind or old.shipped and new.name <> old.name) then
    raise exception 'rule % keeps its name and kind', quote_literal(old.name) using
      errcode = 'PT422', detail = format('It would become %s, of kind %s.', quote_literal(new.name), new.kind),
      hint = 'A release finds a rule by its name and writes a pattern of its kind. Disable it, and add one of your own.';
  end if;
  new.changed_at := now();
  return new;
end
$$;
comment on function pls.date_rule() is
  'Trigger: dates a rule, and refuses another kind, or another name of a shipped one (PT422).';

create trigger date_rule
before insert or update on public.pls_rules
for each row execute function pls.date_rule();

create function pls.check_rule()
returns trigger
language plpgsql
-- People who write rules have no rights in this schema.
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  fault text;
  place text := format('The pattern is %s.', new.pattern);
  rival text;
begin
  -- A rule is not judged again for another meaning or language, or for being switched off.
  if tg_op = 'UPDATE' and (not new.enabled or old.enabled)
    and (new.kind, new.pattern, new.cue, new.grade, new.priority, new.case_sensitive)
      is not distinct from (old.kind, old.pattern, old.cue, old.grade, old.priority, old.case_sensitive) then
    return null;
  end if;
  fault := pls.pattern_fault(new.kind, new.pattern);
  if fault is null and new.cue is not null then
    fault := pls.pattern_fault('system', new.cue);
    place := format('The cue is %s.', new.cue);
  end if;
  if fault is not null then
    raise exception 'rule % cannot be used: %', quote_literal(new.name), fault using
      errcode = 'PT422', detail = place,
      hint = case when pls.lists() ? new.kind
        then 'Write words without accents, one space apart; * is any ending, and _ joins the words of a phrase.'
        else 'Write a Postgres regular expression of at most 2000 characters, without back references. {system},'
          ' {part}, {removed} and so on may stand in verdicts: for, against, unclear, another, nothing.' end;
  end if;
  rival := pls.contradicted(new);
  if rival is not null and current_setting('ownership.writer', true) = 'service_role' then
    -- A release stops for no rule of a shop: that one stands, and its own stays what it was, or is switched off.
    if tg_op = 'UPDATE' and pls.contradicted(old) is null then
      update public.pls_rules r
      set pattern = old.pattern, grade = old.grade, cue = old.cue, case_sensitive = old.case_sensitive,
        priority = old.priority, enabled = old.enabled
      where r.name = new.name;
    else
      update public.pls_rules r set enabled = false where r.name = new.name;
    end if;
  elsif rival is not null then
    raise exception 'rule % contradicts rule %', quote_literal(new.name), quote_literal(rival) using
      errcode = 'PT422', detail = place,
      hint = 'Both find the same words and say something else of them. Change or disable the other, or give one'
        ' of them a higher priority.';
  end if;
  return null;
end
$$;
comment on function pls.check_rule() is
  'Trigger: refuses a rule that cannot work, or contradicts another (PT422). What a release ships stays as it was, or is
   switched off.';

-- AFTER: what stands in the end is checked, once the guard has kept what a person wrote.
create trigger check_rule
after insert or update on public.pls_rules
for each row execute function pls.check_rule();
