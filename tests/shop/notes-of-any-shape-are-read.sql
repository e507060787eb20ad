-- What people paste into notes: HTML, emoji, other languages, whole books.
begin;
set local search_path = public, extensions;
select plan(11);

create function pg_temp.says(note text) returns text language sql as $$
  select coalesce(string_agg(concat_ws(' ', j.grade, j.says), ', ' order by j.place), 'silent') from pls.judge(array[note]) j
$$;

select is(pg_temp.says('<p>Accord 440.</p><p>PLS&nbsp;retir&eacute;<br/></p>'), 'strong against', 'HTML');
select is(
  (select j.sentence from pls.judge(array['<p>Accord.</p><ul><li>PLS <b>rempli</b></li></ul>']) j), 'PLS  rempli', 'is not shown');
select is(pg_temp.says('5 < 6 & 7 > 2, PLS rempli'), 'strong for', 'signs of less and more are no HTML');
select is(pg_temp.says('🎹🎹 PLS ✅ rempli 💧'), 'strong for', 'emoji');
select is(pg_temp.says(repeat('🎹', 3000)), 'silent', 'and nothing else');
select is(pg_temp.says('Se quitó el Dampp-Chaser'), 'weak for', 'Spanish is asked about');
select isnt(pg_temp.says('El piano no tiene Dampp-Chaser'), 'strong for', 'and sets nothing');
select is(pg_temp.says(E'PLS rempli\r\nPLS § ¤ ° ~ … retiré'), 'strong for, strong against', 'signs of the rules in a note are none');
select is(pg_temp.says('PLS rempli. ' || repeat('Accord 440 et harmonisation des marteaux. ', 250000)), 'strong for',
  'ten megabytes are read as far as anybody types');
select is(pg_temp.says(repeat('PLS rempli ', 1000)), 'silent', 'a sentence of thousands of words is none');
select is(pg_temp.says(''), 'silent', 'an empty note says nothing');

select * from finish();
rollback;
