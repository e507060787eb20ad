-- Judging texts: they are split into sentences and clauses, words of the rules are replaced by signs, and the verdicts
-- are matched against each clause. A pattern therefore cannot reach over the border of a clause.

create function pls.plain(written text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when strpos(t.written, '<') = 0 and strpos(t.written, '&') = 0 then t.written
    else regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(t.written,
      '<(br|/?p|/?li|/?div|/?tr|/?h\d)\M[^<>]*>', E'\n', 'gi'), '<[a-z/!][^<>]*>', ' ', 'gi'),
      '&(nbsp|#160);', ' ', 'gi'), '&(#0?39|apos|rsquo|lsquo);', '''', 'gi'),
      '&([aeiouc])(acute|grave|circ|uml|cedil);', '\1', 'gi'), '&(amp|quot|lt|gt);', ' ', 'gi')
  end
  from (select left(plain.written, 100000) as written) t
$$;
comment on function pls.plain(text) is
  'The first 100,000 characters of a text, without HTML: more than that nobody types into a note.';

create function pls.sentences(written text)
returns table (sentence text, place bigint)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  -- Fixed strings, for an expression takes five times as long. The dots of D.C. end no sentence.
  select btrim(s.sentence, E' \r\t'), s.place
  from string_to_table(
    replace(replace(replace(replace(replace(replace(sentences.written,
      '.C. ', E'.C.\u00a0'), '.c. ', E'.c.\u00a0'), '. ', E'.\n'), '! ', E'!\n'), '? ', E'?\n'), '; ', E';\n'), E'\n')
    with ordinality s (sentence, place)
  where length(s.sentence) between 2 and 2000
$$;
comment on function pls.sentences(text) is
  'The sentences of a text, each with its place. What is longer than 2,000 characters is none.';

create function pls.with_signs(
  sentence text, others text, exact_systems text, systems text, initials text, parts text, pieces text, refs text,
  pronouns text
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select lower(
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(
      sentence, others, ' ', 'gi'), exact_systems, '§', 'g'), systems, '§', 'gi'), initials, '‡', 'g'),
      parts, '¤', 'gi'), pieces, '¢', 'gi'), refs, '°', 'gi'), pronouns, '~', 'gi'))
$$;
comment on function pls.with_signs(text, text, text, text, text, text, text, text, text) is
  'A folded sentence in lower case, with § for each system, ‡ for its initials, ¤ for each part, ¢ for each piece,
   ° for each reference and ~ for each pronoun.';

create function pls.clauses(signs text, acts text)
returns text[]
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select string_to_array(translate(regexp_replace(regexp_replace(regexp_replace(
    -- Initials are a system beside another sign of one.
    replace(replace(known.signs, '‡', case when known.signs ~ clauses.acts then '§' else ' ' end), ' - ', ' : '),
    -- "système PLS Dampp-Chaser" is one system: neighbouring names become one sign. So does a list of pieces.
    '((\msyst[a-z]+|°)( de)? ?)?§(,? ?\(?((syst[a-z]+|kits?|units?)\M|§)\)?)*', '§', 'g'),
    '([¢¤])( ?(,|\m(et|and|ou|or)\M|&|\+) ?((the|both|two|les?|la|l|des|deux|0+|an?|his|her|son|ses|old|all|du|de)'
    '\M ?)*([¢¤]))+', '\1 \7', 'g'),
    '[;()"«»\[\]\n]|,(?!0)|\m(mais|but|however|par contre|cependant|toutefois|quoique|although|though|tandis que'
    '|alors que'
    '|whereas|while|because|car|parce que|puisque|puis|then|donc|so|et|and|pis|contrairement aux?)\M|[&+]'
    '|\m(?=(sauf|except|excepte)\M)', E'\n', 'g'),
    E'=-/.!_*#%$', ':  '), E'\n')
  from (select clauses.signs) known
$$;
comment on function pls.clauses(text, text) is
  'The clauses of a sentence with signs: it is split at commas, brackets and words such as but, mais, et.';

create function pls.coded(clauses text[])
returns table (clause text, code text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with tokens as materialized (
    select c.clause, t.no::integer as no, t.word, c.words
    from unnest(coded.clauses) u (clause)
    cross join lateral (select u.clause, string_to_array(u.clause, ' ') as words) c
    cross join lateral unnest(c.words) with ordinality t (word, no)
  ), vocabulary as materialized (
    select v.letter, v.word like '%*' as is_stem,
      split_part(v.word, '*', 1) as stem, split_part(v.word, '*', 2) as ending, split_part(v.word, '_', 1) as first,
      replace(v.word, '_', ' ') as phrase, cardinality(string_to_array(v.word, '_')) as length
    from pls.vocabulary() v
  ), words as materialized (
    select distinct t.word from tokens t
  ), letters as (
    select f.word, string_agg(distinct f.letter, '') as letters
    from (
      select w.word, v.letter
      from words w
      cross join lateral generate_series(1, length(w.word)) n
      join vocabulary v on v.stem = left(w.word, n) and v.length = 1
      where v.is_stem or v.stem = w.word
      union all
      select w.word, v.letter from words w join vocabulary v on v.ending <> '' and w.word like '%' || v.ending
    ) f
    group by f.word
  ), phrases as (
    select t.clause, t.no, string_agg(distinct v.letter, '') as letters
    from tokens t
    join vocabulary v on v.first = t.word and v.length > 1
      and array_to_string(t.words[t.no : t.no + v.length - 1], ' ') = v.phrase
    group by t.clause, t.no
  )
  select t.clause, string_agg(
    case
      when t.word in ('§', '¤', '¢', '°', '~', '…', ':', '?', '¢¢', '¤¢', '¢¤', '¤¤') then t.word
      when concat(l.letters, p.letters) <> '' then concat(l.letters, p.letters, '/', t.word)
      when t.word ~ '^0+$' then t.word
      when l.word is null and p.letters is null then 'x'
      else t.word
    end, ' ' order by t.no)
  from tokens t
  left join letters l using (word)
  left join phrases p using (clause, no)
  group by t.clause
$$;
comment on function pls.coded(text[]) is
  'Clauses as the verdicts see them: before each word the letters of its lists, and x for words that no rule knows.';

create function pls.spaced(written text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select array_to_string(array_remove(string_to_array(
    replace(replace(replace(replace(replace(replace(replace(replace(spaced.written,
      ':', ' : '), '?', ' ? '), '§', ' § '), '°', ' ° '), '~', ' ~ '), '¤', ' ¤ '), '¢', ' ¢ '), ',', ' '),
    ' '), ''), ' ')
$$;
comment on function pls.spaced(text) is 'A clause as words and signs with one space between them.';

create function pls.rules_in_force()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select md5(string_agg(
    concat_ws(E'\t', r.name, r.kind, r.grade, r.priority, r.case_sensitive, r.pattern), E'\n' order by r.name))
  from public.pls_rules r
  where r.enabled
$$;
comment on function pls.rules_in_force() is 'A fingerprint of the enabled rules.';

create table pls.known_clauses (
  rules text,
  code text,
  rule text,
  says text,
  grade text,
  priority integer,
  primary key (rules, code)
);
comment on table pls.known_clauses is
  'Verdicts on clauses that were met before, by the rules in force then: a shop writes the same few hundred again and
   again.';
alter table pls.known_clauses enable row level security;
create policy detector on pls.known_clauses
  to pls_detector using (true) with check (true);
grant select, insert, delete on pls.known_clauses to pls_detector;

create function pls.verdicts_on(codes text[])
returns table (code text, rule text, says text, grade text, priority integer)
language sql
set search_path = pg_catalog, pg_temp
as $$
  with known as materialized (
    select k.* from pls.known_clauses k
    where k.rules = pls.rules_in_force() and k.code = any (verdicts_on.codes)
  ), fresh as materialized (
    select u.code from unnest(verdicts_on.codes) u (code)
    except
    select k.code from known k
  ), rules as materialized (
    select r.name, r.kind, r.grade, r.priority, pls.compiled(r.pattern) as pattern
    from public.pls_rules r
    where r.enabled and r.kind in ('for', 'against', 'unclear', 'another', 'nothing')
  ), judged as materialized (
    -- Rule by rule over all clauses, so that each expression is compiled once. offset 0 keeps the planner from turning
    -- the loops round.
    select distinct on (f.code) f.code, m.name as rule, m.kind as says, m.grade, m.priority
    from fresh f
    left join (
      select d.code, r.name, r.kind, r.grade, r.priority
      from rules r
      cross join lateral (select f.code from fresh f where f.code ~ r.pattern offset 0) d
    ) m using (code)
    order by f.code, m.priority desc nulls last, m.name
  ), kept as (
    insert into pls.known_clauses (rules, code, rule, says, grade, priority)
    select pls.rules_in_force(), j.code, j.rule, j.says, j.grade, j.priority from judged j
    on conflict do nothing
  )
  select k.code, k.rule, k.says, k.grade, k.priority from known k where k.rule is not null
  union all
  select j.code, j.rule, j.says, j.grade, j.priority from judged j where j.rule is not null
$$;
comment on function pls.verdicts_on(text[]) is
  'The verdict on each clause, if there is one: that of the highest priority.';

create function pls.forms(forms text[])
returns table (
  form text, after_sign boolean, ends_with_sign boolean,
  rule text, says text, grade text, names boolean, is_another boolean
)
language sql
set search_path = pg_catalog, pg_temp
as $$
  with clauses as materialized (
    select f.form, c.no, c.clause,
      case
        when c.clause ~ '[§¤¢°]' then 'sign' when c.clause ~ '~' or c.clause !~ ' ' then 'pronoun' else 'none'
      end as kind
    from pls.lexicon() l
    cross join unnest(forms.forms) f (form)
    cross join lateral unnest(pls.clauses(pls.with_signs(pls.fold(f.form), l.others, l.exact_systems, l.systems,
      l.initials, l.parts, l.pieces, l.refs, l.pronouns), l.acts)) with ordinality w (written, no)
    cross join lateral (select w.no, pls.spaced(w.written) as clause) c
    where c.clause <> ''
  ), read as materialized (
    select c.form, c.no, case when c.clause ~ '[§¤¢°~]' then c.clause else '… ' || c.clause end as clause,
      -- A pronoun, or a clause without a subject, stands for a system that was named right before; a pronoun also for
      -- one that is named right after.
      c.kind = 'sign' or lag(c.kind) over w = 'sign' or c.clause ~ '~' and lead(c.kind) over w = 'sign'
        or lag(c.kind) over w = 'pronoun' and lag(c.kind, 2) over w = 'sign' as stands,
      row_number() over w = 1 or row_number() over w = 2 and lag(c.kind) over w = 'pronoun' as leans,
      c.clause ~ '§' as names
    from clauses c
    window w as (partition by c.form order by c.no)
  ), coded as materialized (
    select c.clause, c.code
    from pls.coded(array(select distinct r.clause from read r where (r.stands or r.leans) and length(r.clause) < 500)) c
  ), verdicts as (
    select v.* from pls.verdicts_on(array(select distinct c.code from coded c)) v
  ), told as (
    -- A sentence says what its last strong clause says, or else what its last that takes sides says. How a system is
    -- (priorities 81 to 89) yields: beside a removal it is told of what was removed.
    select distinct on (r.form, r.after_sign) r.form, r.after_sign, r.rule, r.says, r.grade, r.names, r.is_another
    from (
      select r.*, a.after_sign, v.rule, v.says, v.priority,
        bool_or(v.says = 'another') over (partition by r.form, a.after_sign) as is_another,
        -- Parts are those of another piano, where the sentence tells of one.
        case
          when v.says = 'for' and not r.names
            and bool_or(v.says = 'another') over (partition by r.form, a.after_sign)
          then 'weak' else v.grade
        end as grade
      from read r
      cross join (values (true), (false)) a (after_sign)
      join coded c using (clause)
      join verdicts v using (code)
      where r.stands or a.after_sign and r.leans
    ) r
    order by r.form, r.after_sign, r.grade is not distinct from 'strong' desc, r.says in ('nothing', 'another'),
      r.says = 'for' and r.priority between 81 and 89, r.no desc
  ), endings as (
    select distinct on (c.form) c.form, c.kind <> 'none' as ends_with_sign from clauses c order by c.form, c.no desc
  )
  select e.form, a.after_sign, e.ends_with_sign, t.rule, t.says, t.grade, t.names, t.is_another
  from endings e
  cross join (values (true), (false)) a (after_sign)
  left join told t using (form, after_sign)
$$;
comment on function pls.forms(text[]) is
  'What sentences say, each after a sentence that ends with a sign of a system and after one that does not.';

create function pls.judge(texts text[])
returns table (text_no bigint, place integer, sentence text, rule text, says text, grade text)
language sql
set search_path = pg_catalog, pg_temp
as $$
  with places as materialized (
    -- Many sentences differ in nothing but figures: each is judged once.
    select t.no as text_no, s.place::integer as place, s.sentence,
      replace(replace(translate(s.sentence, '123456789', '000000000'), '000', '0'), '00', '0') as form
    from unnest(judge.texts) with ordinality t (written, no)
    cross join lateral pls.sentences(pls.plain(t.written)) s
  ), forms as materialized (
    select * from pls.forms(array(select distinct p.form from places p))
  ), contexts as (
    select p.*, coalesce(lag(f.ends_with_sign) over (partition by p.text_no order by p.place), false) as after_sign
    from places p
    join (select distinct f.form, f.ends_with_sign from forms f) f using (form)
  )
  select c.text_no, c.place, c.sentence, f.rule, case f.says when 'another' then 'nothing' else f.says end,
    -- Parts that are told of after a removal, or after another piano, are those of that one.
    case when f.says = 'for' and not f.names
      and bool_or(f.is_another or f.says = 'against' and f.grade = 'strong')
        over (partition by c.text_no order by c.place)
      then 'weak' else f.grade end
  from contexts c
  join forms f using (form, after_sign)
  where f.says is not null
$$;
comment on function pls.judge(text[]) is
  'The sentences that some verdict matches, with the one that decides, what it says (for, against, unclear or nothing)
   and how strongly.';
