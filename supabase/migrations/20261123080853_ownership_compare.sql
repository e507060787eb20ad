-- Recorded values beside live ones: how a row is found, how a value is compared, and who may see it.

create function ownership_private.caller_may_read(tbl regclass, col name)
returns boolean
language sql
stable
set search_path = ''
as $$
  select has_column_privilege(r.rolname, caller_may_read.tbl, caller_may_read.col, 'select')
    and (not c.relrowsecurity or r.rolsuper or r.rolbypassrls or (r.oid = c.relowner and not c.relforcerowsecurity))
  from pg_class c, pg_roles r
  where c.oid = caller_may_read.tbl and r.rolname = coalesce(nullif(current_setting('role'), 'none'), session_user)
$$;
comment on function ownership_private.caller_may_read is
  'Whether the role that calls a security definer function may itself read every value of a column.';

create function ownership_private.same_key_sql(t ownership_private.protected_tables, record_sql text, key_sql text)
returns text
language sql
stable
set search_path = ''
as $$
  select string_agg(format(
    case when cardinality(t.identity_key) = 1 then '%1$s.%2$I %6$s %3$s::%4$s'
      else '%1$s.%2$I %6$s (%3$s::jsonb ->> %5$s)::%4$s' end,
    record_sql, k.name, key_sql, f.type_sql, k.place - 1, f.equals), ' and ')
  from unnest(t.identity_key) with ordinality k (name, place)
  cross join lateral ownership_private.column_facts(t.tbl, k.name) f
$$;
comment on function ownership_private.same_key_sql is
  'The condition that a row has a recorded key, in a form that finds the row by its index.';

create function ownership_private.differs_sql(tbl regclass, col name, live_sql text, recorded_sql text)
returns text
language sql
stable
set search_path = ''
as $$
  select format(
    case
      when f.type_sql in ('json', 'json[]') then 'to_jsonb(%1$s) is distinct from %2$s'
      when f.comparable then '%1$s is distinct from %3$s'
      else '%1$s::text is distinct from %3$s::text'
    end, live_sql, recorded_sql, ownership_private.from_jsonb_sql(tbl, col, recorded_sql))
  from ownership_private.column_facts(tbl, col) f
$$;
comment on function ownership_private.differs_sql is
  'The test that a live value is not the recorded one, in the column''s own type: how a value is written may
   depend on the session.';

create function ownership_private.spelling(recorded jsonb, element text)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select case
    when element = '' or jsonb_typeof(recorded) is distinct from 'array' then recorded
    else coalesce(
      (
        select to_jsonb(e) from jsonb_array_elements_text(recorded) e
        where ownership_private.element(e) = element
        limit 1
      ),
      to_jsonb(element)
    )
  end
$$;
comment on function ownership_private.spelling is
  'A recorded value; of a recorded set, the one element, as it was written.';

create function ownership_private.lost_sql(p ownership_private.policies, t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = ''
as $$
  select format(
    case when p.mode = 'merge_set' then $sql$
      select c.key, c.element, case when c.removed then 'element is back' else 'element is missing' end,
        case when not c.removed then c.value end, to_jsonb(r.%1$I)
      from %2$s r
      join ownership_private.claims c on c.policy_id = %3$s and c.element <> '' and %4$s
      where c.rank > (select min(w.rank) from ownership_private.writers w)
        and case
          when not c.removed and c.value #>> '{}' = any (r.%1$I::text[]) then false
          else c.removed = (c.element = any (ownership_private.elements(r.%1$I::text[])))
        end$sql$
    else $sql$
      select c.key, c.element, 'value differs', c.value, to_jsonb(r.%1$I)
      from %2$s r
      join ownership_private.claims c on c.policy_id = %3$s and c.element = '' and %4$s
      where c.rank > (select min(w.rank) from ownership_private.writers w) and %5$s$sql$ end,
    p.col, t.tbl, p.id,
    ownership_private.same_key_sql(t, 'r', 'c.key'),
    ownership_private.differs_sql(t.tbl, p.col, format('r.%I', p.col), 'c.value'))
$$;
comment on function ownership_private.lost_sql is
  'All cells of a column whose value is not the claimed one. A claim of the lowest rank binds nobody and is not
   looked at.';

revoke all on function
  ownership_private.caller_may_read, ownership_private.same_key_sql, ownership_private.differs_sql,
  ownership_private.spelling, ownership_private.lost_sql
from public;
