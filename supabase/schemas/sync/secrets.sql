-- Secrets are in Vault alone: for functions of the owner, and no role of the sync.

create function sync.keep_secret(secret_name text, value text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  known uuid := (select s.id from vault.secrets s where s.name = keep_secret.secret_name);
begin
  if known is null then
    perform vault.create_secret(value, secret_name, 'Kept by the sync');
  else
    perform vault.update_secret(known, value);
  end if;
end;
$$;
comment on function sync.keep_secret(text, text) is
  'Puts a secret into Vault, in the place of the last one of its name.';

create function sync.secret(secret_name text)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select nullif(d.decrypted_secret, '') from vault.decrypted_secrets d where d.name = secret.secret_name
$$;
comment on function sync.secret(text) is 'A secret out of Vault, or null.';
