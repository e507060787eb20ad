-- sync.schedule and sync.unschedule: what they make of pg_cron's jobs, and what they refuse.
begin;
set local search_path = public, extensions;
select plan(20);

select throws_ok($$ select sync.schedule('clients') $$, 'SY002',
  'nothing can run on schedule without the secret project_url in Vault, the secret cron_secret_key in Vault',
  'without its secrets nothing is scheduled');
select is_empty('select from sync.schedules where active', 'nothing is on before');
select vault.create_secret('https://shop.supabase.test', 'project_url');
select vault.create_secret('sb_secret_planted', 'cron_secret_key');

select results_eq(
  $$ select schedule, active from sync.schedule('clients', ' */15  * * * 1-5 ') $$,
  $$ values ('*/15 * * * 1-5', true) $$,
  'a job gets the schedule that is given');
select is_empty('select from sync.schedules where not active', 'and the others theirs');
select is_empty($$ select from sync.jobs j where not exists (select from cron.job c where c.jobname = 'sync ' || j.job) $$,
  'each is a job of pg_cron''s');
select is_empty($$ select from cron.job where command !~ '^select sync\.tick\(''[a-z-]+''\)$' $$,
  'whose command holds its name, and no secret');
select lives_ok('select sync.schedule()', 'once more changes nothing');
select is((select count(*) from cron.job), (select count(*) from sync.jobs), 'no job is there twice');
update cron.job set active = false where jobname = 'sync pianos';
select is((select active from sync.schedules where job = 'pianos'), false, 'what was halted in pg_cron is seen');
select is((select active from sync.schedule('pianos')), true, 'and goes on when it is scheduled');

select results_eq($$ select schedule, active from sync.unschedule('clients') $$,
  $$ values ('*/15 * * * 1-5', false) $$, 'a job is taken off, and keeps its schedule');
select is((select active from sync.unschedule('clients')), false, 'also twice');
select is((select active from sync.schedule() where job = 'clients'), false, 'it stays off when the others are put on');
select is((select count(*)::integer from sync.unschedule() where active), 0, 'all are taken off');
select is((select array_agg(job) from sync.schedule() where not active), '{clients}', 'and those that were on come back');

select throws_ok($$ select sync.schedule('violins') $$, 'PT404', 'there is no job violins', 'an unknown job');
select throws_ok($$ select sync.unschedule('violins') $$, 'PT404', 'there is no job violins', 'an unknown job to take off');
select throws_ok($$ select sync.tick('violins') $$, 'PT404', 'there is no job violins', 'an unknown job in pg_cron');
select throws_ok($$ select sync.schedule('clients', '60 * * * *') $$, 'SY001', '''60 * * * *'' is no schedule',
  'a minute that there is not');
select throws_ok($$ select sync.schedule(schedule => '* * * * *') $$, 'SY001',
  '''* * * * *'' is no schedule for all jobs', 'one schedule for all');

select * from finish();
rollback;
