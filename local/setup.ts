import { existsSync } from "node:fs";
import postgres from "postgres";
import { applyMigrations, applyPlatform, applySeed, type Migrated } from "./migrations.ts";

export interface SetupOptions {
  url: string;
  migrations: string;
  /** Only run if the database is empty. The file may be missing. */
  seed: string;
  /** The secrets to put into Vault, by name. */
  secrets: Record<string, string>;
  onApplied(name: string): void;
}

/** Sets up platform, migrations, seed and secrets. Can be repeated. */
export async function setUpDatabase(options: SetupOptions): Promise<Migrated> {
  const sql = postgres(options.url, { max: 1, onnotice: () => {} });
  try {
    await applyPlatform(sql);
    const migrated = await applyMigrations(sql, options.migrations, options.onApplied);
    if (migrated.before === 0 && existsSync(options.seed)) await applySeed(sql, options.seed);
    await fillVault(sql, options.secrets);
    return migrated;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Does what `[db.vault]` of config.toml does when a project is pushed. */
async function fillVault(sql: postgres.Sql, secrets: Record<string, string>): Promise<void> {
  for (const [name, secret] of Object.entries(secrets)) {
    const [found] = await sql`select id from vault.secrets where name = ${name}`;
    if (found === undefined) await sql`select vault.create_secret(${secret}, ${name})`;
    else await sql`select vault.update_secret(${found.id}, ${secret})`;
  }
}
