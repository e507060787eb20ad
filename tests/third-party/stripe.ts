// Stripe's side, without Stripe: signed webhooks of made-up events, handed to the unmodified sync engine.

import { Buffer } from "node:buffer";
import { createRequire } from "node:module";
import type * as engine from "@supabase/stripe-sync-engine";
import { type TestDatabase, testDatabase } from "../fixtures/database.ts";

export interface StripeWorld extends AsyncDisposable {
  database: TestDatabase;
  /** Stripe sends an event: the object as it is now. */
  send(type: string, object: Record<string, unknown>): Promise<void>;
}

// Its build for `import` looks for its migrations in `__dirname`, which modules do not have.
const { runMigrations, StripeSync }: typeof engine = createRequire(import.meta.url)(
  "@supabase/stripe-sync-engine",
);

const role = "stripe_sync";
const secret = "whsec_a_test_secret";

/** The engine's own tables, made by its own migrations, and the engine connected as a writer of its own. */
export async function stripeWorld(): Promise<StripeWorld> {
  const database = await testDatabase();
  await runMigrations({ databaseUrl: database.url, schema: "stripe" });
  await database.sql.unsafe(`
    do $$ begin create role ${role} nologin; exception when duplicate_object or unique_violation then null; end $$;
    grant usage on schema stripe to public;
    grant all on all tables in schema stripe to ${role};
    grant select, update on stripe.customers, stripe.products to manual_editor;
    select ownership.register_writer('${role}', 10, 'Stripe')`);
  const stripe = new StripeSync({
    stripeSecretKey: "sk_test_nobody",
    stripeWebhookSecret: secret,
    poolConfig: { connectionString: database.url, options: `-c role=${role}`, max: 2 },
  });
  let minute = 0;
  return {
    database,
    async send(type, object) {
      // Each event is newer than the last: the engine drops what is older than its last write.
      const created = Date.UTC(2026, 0, 19, 8, ++minute) / 1000;
      const payload = JSON.stringify({
        id: `evt_${minute}`,
        object: "event",
        type,
        created,
        data: { object },
      });
      const signature = await stripe.stripe.webhooks.generateTestHeaderStringAsync({ payload, secret });
      await stripe.processWebhook(Buffer.from(payload), signature);
    },
    async [Symbol.asyncDispose]() {
      await stripe.postgresClient.close();
      await database[Symbol.asyncDispose]();
    },
  };
}
