-- Users of Gazelle: the shop's technicians and others.

-- migration: gazelle_survey

create table if not exists gazelle.gazelle_users (
  id uuid primary key default gen_random_uuid(),
  external_id text not null,
  first_name text,
  last_name text,
  email text,
  phone text,
  role text,
  updated_at timestamptz,
  missing_since timestamptz
);
comment on table gazelle.gazelle_users is 'Pattern.';

-- migration: gazelle_tables

select gazelle.make_or_take_over('gazelle_users', 'phone');

-- migration: gazelle_indexes

select gazelle.make_key('public.gazelle_users');

comment on table public.gazelle_users is 'Users of Gazelle: technicians and others.';
comment on column public.gazelle_users.external_id is 'Gazelle''s id: usr_ and 16 letters or digits.';
comment on column public.gazelle_users.phone is 'Written by people: Gazelle has no phone number of a user.';
comment on column public.gazelle_users.role is 'ADMIN, TECHNICIAN, ASSISTANT, or a value that Gazelle adds later.';

-- migration: gazelle_access

create policy writers on public.gazelle_users
  to gazelle_sync, manual_editor using (true) with check (true);
grant select, insert, update, delete on public.gazelle_users to service_role;
grant select, update on public.gazelle_users to manual_editor;
select gazelle.grant_columns('public.gazelle_users', 'phone');

-- migration: sync

select sync.register_stream('users', 'public.gazelle_users', 'gazelle', '{updated_at}');
select sync.register_job('users', 'sync users', '2 */6 * * *', 'users', 'sync-users');
select sync.add_check('users', 'users_without_gazelle_id', 'live.external_id !~ ''^usr_''');

-- migration: gazelle_policies

-- Gazelle has no phone number of a user. The policy protects what people write from other programs.
select ownership.protect('public.gazelle_users', 'phone', 'claim', '{external_id}');
