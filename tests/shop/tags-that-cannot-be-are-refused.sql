-- Tags that cannot be, and records that are not there: refused as a whole, with code, message, detail and hint.
begin;
set local search_path = public, extensions;
select plan(11);

create function pg_temp.refusal(call text, out code text, out message text, out detail text, out hint text)
language plpgsql set role = 'authenticated' as $$
begin
  execute 'select ' || call;
exception when others then
  get stacked diagnostics code = returned_sqlstate, message = message_text, detail = pg_exception_detail,
    hint = pg_exception_hint;
end
$$;
create function pg_temp.refuses(call text, variadic expected text[]) returns text language sql as $$
  select is(array[r.code, r.message, r.detail, r.hint], expected, left(call, 80)) from pg_temp.refusal(call) r
$$;
select set_config('request.jwt.claims', '{"sub": "1b4e28ba-2fa1-41d2-883f-0016d3cca427"}', true);
insert into gazelle_clients (external_id) values ('cli_1');

select is((pg_temp.refusal($$public.tag_client('cli_1', 'a')$$)).code, null, 'what is not refused has no refusal');
select pg_temp.refuses(format('public.tag_client(%L, %L)', 'cli_1', given), 'SH001', 'a tag cannot be empty',
  format('Given was %s.', coalesce(quote_literal(given), 'NULL')), 'Give a word or two, for example ''institutional''.')
from unnest(array[null, '', E' \u00a0\u200b ']) given;
select pg_temp.refuses($$public.tag_client('cli_1', repeat('x', 10240))$$, 'SH001',
  'a tag has at most 100 characters, and this one has 10240', format('It begins with %L.', repeat('x', 40)),
  'Write longer texts into the notes.');
select pg_temp.refuses($$public.tag_piano('ins_1', E'one\ntwo')$$, 'SH001',
  E'a tag is one line of text, and ''one\ntwo'' is not', 'It holds a line break, a tab or another control character.',
  'Give each tag with a call of its own.');
select pg_temp.refuses($$public.untag_client('cli_1', '')$$, 'SH001', 'a tag cannot be empty', 'Given was ''''.',
  'Give a word or two, for example ''institutional''.');
select pg_temp.refuses($$public.tag_client('cli_2', 'vip')$$, 'PT404', 'there is no client ''cli_2''',
  'Table public.gazelle_clients has no such external_id.', 'Give Gazelle''s id, such as cli_9UMLkteep8EsISbG.');
select pg_temp.refuses($$public.untag_piano(null, 'vip')$$, 'PT404', 'there is no piano NULL',
  'Table public.gazelle_pianos has no such external_id.', 'Give Gazelle''s id, such as ins_ and 16 letters or digits.');
select is((select tags from gazelle_clients), '{a}', 'nothing of it was written');

select set_config('request.jwt.claims', '', true);
select is((pg_temp.refusal($$public.tag_client('cli_1', 'b')$$)).code, 'PT404', 'who is not signed in sees no client');

select * from finish();
rollback;
