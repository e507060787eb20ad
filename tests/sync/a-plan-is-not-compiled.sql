-- A scan that is off and taken all the same looks so dear that Postgres, where it can, compiles the plan first: half a
-- second for each chunk.
begin;
select plan(2);

select is(
  array(
    select p.oid::regprocedure::text
    from pg_proc p
    where p.pronamespace in ('sync'::regnamespace, 'pls'::regnamespace)
      and p.proconfig @> '{enable_seqscan=off}' and not p.proconfig @> '{jit=off}'
    order by 1
  ),
  '{}', 'whatever does without scans does without compiling');
select ok(
  (select count(*) >= 9 from pg_proc p where p.pronamespace in ('sync'::regnamespace, 'pls'::regnamespace)
    and p.proconfig @> '{enable_seqscan=off, jit=off}'),
  'there are such functions: plan, apply, detection, what is known of each stream');

select * from finish();
rollback;
