-- Tags through the API are claims of a person, trimmed, compared without case, stored as written.
begin;
set local search_path = public, extensions;
select plan(17);

create function pg_temp.as_the_sync(statement text) returns void language plpgsql set role = 'gazelle_sync' as $$
begin execute statement; end $$;
create function pg_temp.as_signed_in(call text) returns text[] language plpgsql set role = 'authenticated' as $$
declare tags text[];
begin execute 'select ' || call into tags; return tags; end $$;
create function pg_temp.owners(tag text) returns text language sql as $$
  select string_agg(c.writer || case when c.removed then ' removed' else '' end, ', ')
  from ownership.claims c where c.tbl = 'gazelle_clients'::regclass and c.key = 'cli_1' and c.element = tag
$$;
select set_config('request.jwt.claims', '{"sub": "1b4e28ba-2fa1-41d2-883f-0016d3cca427", "role": "authenticated"}', true);

select pg_temp.as_the_sync($$insert into gazelle_clients (external_id, tags) values ('cli_1', '{concert,École}')$$);
select pg_temp.as_the_sync($$insert into gazelle_pianos (external_id) values ('ins_1')$$);

select is(pg_temp.as_signed_in($$public.tag_client('cli_1', E' \u00a0VIP\n ')$$), '{concert,École,VIP}', 'a tag is trimmed');
select is(pg_temp.owners('vip'), 'authenticated', 'and claimed');
select is((select row(h.event, h.writer, h.role, h.sub)::text from ownership.history h where h.element = 'vip'),
  '(claimed,authenticated,authenticated,1b4e28ba-2fa1-41d2-883f-0016d3cca427)', 'the history knows the signed-in user');
select is(pg_temp.as_signed_in($$public.tag_client('cli_1', 'vip')$$), '{concert,École,VIP}', 'vip is the VIP that stands there');
select is((select count(*) from ownership.history h where h.element = 'vip'), 1::bigint, 'and no news');

select is(pg_temp.owners('concert'), null, 'a tag of the source is nobody''s claim');
select is(pg_temp.as_signed_in($$public.tag_client('cli_1', 'Concert')$$), '{École,VIP,Concert}', 'a person says it too');
select is(pg_temp.owners('concert'), 'authenticated', 'then it is claimed');
select pg_temp.as_the_sync($$update gazelle_clients set tags = '{École}'$$);
select is((select tags from gazelle_clients), '{École,VIP,Concert}', 'and stays when the source drops it');

select is(pg_temp.as_signed_in($$public.untag_client('cli_1', E'E\u0301COLE')$$), '{VIP,Concert}',
  'an accent typed in two strokes is the same accent');
select pg_temp.as_the_sync($$update gazelle_clients set tags = '{École,new}'$$);
select is((select tags from gazelle_clients), '{VIP,Concert,new}', 'what a person took out stays out while the source repeats it');
select is(pg_temp.owners('école'), 'authenticated removed', 'as his claim');
select is(pg_temp.as_signed_in($$public.untag_client('cli_1', 'absent')$$), '{VIP,Concert,new}', 'a tag that is not there is no error');
select is(pg_temp.as_signed_in($$public.tag_client('cli_1', 'École')$$), '{VIP,Concert,new,École}', 'and he may put it back');

select is(pg_temp.as_signed_in($$public.tag_piano('ins_1', 'non')$$), '{non}', 'a piano is tagged');
select pg_temp.as_the_sync($$update gazelle_pianos set tags = '{}'$$);
select is((select tags from gazelle_pianos), '{non}', 'for good');
select is(pg_temp.as_signed_in($$public.untag_piano('ins_1', 'NON')$$), '{}', 'until somebody takes it out');

select * from finish();
rollback;
