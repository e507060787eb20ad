import assert from "node:assert/strict";
import type postgres from "postgres";
import { stripeWorld } from "./stripe.ts";

const customer = {
  id: "cus_vincent",
  object: "customer",
  name: "ecole vincent d'indy",
  email: "old@vincent.example",
  phone: "514 555-0100",
  metadata: { badge: "none" },
  balance: 0,
};
const product = { id: "prod_tuning", object: "product", name: "Tuning", description: "TUN", active: true };

/** What people write by hand: three protected cells, and one that is not. */
const edits = `
  update stripe.customers set name = 'École Vincent-d''Indy', metadata = '{"badge": "VIP"}', phone = 'by hand';
  update stripe.products set description = 'Accord de piano, 60 minutes'`;
const protection = `
  select ownership.protect('stripe.customers', 'name');
  select ownership.protect('stripe.customers', 'metadata');
  select ownership.protect('stripe.products', 'description')`;

const byHand = {
  name: "École Vincent-d'Indy",
  metadata: { badge: "VIP" },
  description: "Accord de piano, 60 minutes",
};
const fromStripe = { name: "CEGEP VINCENT", metadata: {}, description: null };

for (const isProtected of [false, true]) {
  const name = isProtected ? "what people wrote stays, the rest syncs" : "without protection it is lost";
  Deno.test(`Stripe updates: ${name}`, async () => {
    await using world = await stripeWorld();
    const { database: { sql, connectAs }, send } = world;
    await begin(world, isProtected);
    await send("customer.updated", {
      ...customer,
      name: "CEGEP VINCENT",
      metadata: {},
      email: "new@vincent.example",
      phone: "514 555-0199",
      balance: -4500,
    });
    await send("product.updated", { ...product, name: "Tuning, 2026", description: null, active: false });
    assert.deepEqual(await values(sql), {
      ...(isProtected ? byHand : fromStripe),
      phone: "514 555-0199",
      email: "new@vincent.example",
      balance: -4500,
      product: "Tuning, 2026",
      active: false,
    });
    if (isProtected) await showsWhatItKept(sql);
    await connectAs("manual_editor").unsafe("update stripe.customers set name = 'Vincent-d''Indy'");
    assert.equal((await values(sql)).name, "Vincent-d'Indy", "people still write");
  });

  Deno.test(`Stripe deletes and creates anew: ${name}`, async () => {
    await using world = await stripeWorld();
    await begin(world, isProtected);
    await world.send("product.deleted", product);
    assert.equal((await world.database.sql`select from stripe.products`).length, 0);
    await world.send("product.created", { ...product, name: "Tuning, 2026" });
    const { description, product: title } = await values(world.database.sql);
    assert.deepEqual(
      { description, title },
      { description: isProtected ? byHand.description : "TUN", title: "Tuning, 2026" },
    );
  });
}

Deno.test("Stripe's corrections reach whoever was never edited", async () => {
  await using world = await stripeWorld();
  await begin(world, true);
  await world.send("customer.created", { ...customer, id: "cus_other", name: "ecole" });
  await world.send("customer.updated", { ...customer, id: "cus_other", name: "École" });
  const [other] = await world.database.sql`select name from stripe.customers where id = 'cus_other'`;
  assert.equal(other?.name, "École");
});

async function begin(
  { database, send }: Awaited<ReturnType<typeof stripeWorld>>,
  isProtected: boolean,
): Promise<void> {
  if (isProtected) await database.sql.unsafe(protection);
  await send("customer.created", customer);
  await send("product.created", product);
  await database.connectAs("manual_editor").unsafe(edits);
}

async function values(sql: postgres.Sql) {
  const [row] = await sql`
    select c.name, c.metadata, p.description, c.phone, c.email, c.balance, p.name as product, p.active
    from stripe.customers c, stripe.products p
    where c.id = ${customer.id}`;
  assert.ok(row !== undefined, "the customer or the product is gone");
  return row;
}

async function showsWhatItKept(sql: postgres.Sql): Promise<void> {
  const kept = await sql`
    select col, writer, offered, kept, times::int from ownership.blocked_writes
    where tbl in ('stripe.customers'::regclass, 'stripe.products'::regclass) order by col`;
  assert.deepEqual([...kept], [
    { col: "description", writer: "stripe_sync", offered: null, kept: byHand.description, times: 1 },
    { col: "metadata", writer: "stripe_sync", offered: {}, kept: byHand.metadata, times: 1 },
    { col: "name", writer: "stripe_sync", offered: "CEGEP VINCENT", kept: byHand.name, times: 1 },
  ]);
}
