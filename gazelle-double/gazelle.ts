import type { GraphQLSchema } from "graphql";
import { createShop, type Shop } from "./shop/shop.ts";
import { idOf } from "./shop/ids.ts";
import { createOverlay, type Overlay, resetOverlay } from "./overlay.ts";
import { CHANGES, createQueue, enqueue, type FaultQueue, takeFaults, type Visit } from "./faults.ts";
import { createOAuth, type Credentials, type OAuth, resetOAuth } from "./oauth.ts";
import { applyChange, checkChange, isChange } from "./changes.ts";
import { createEngine, type GraphqlEngine } from "./graphql.ts";
import { buildGazelleSchema } from "./schema.ts";
import { RESOLVERS } from "./resolvers.ts";
import { type Fault, parseFault } from "./orders.ts";
import type { Refusal } from "./refusal.ts";

/** A request in the log, without its credentials and without the values of its variables. */
export interface LogEntry {
  number: number;
  path: string;
  operation: string | null;
  fields: string[];
  pages: (number | null)[];
  variables: string[];
  status: number;
  fault: string | null;
}

/** The state of the double while it runs. */
export interface Gazelle {
  readonly shop: Shop;
  readonly overlay: Overlay;
  readonly queue: FaultQueue;
  readonly oauth: OAuth;
  readonly schema: GraphQLSchema;
  readonly engine: GraphqlEngine;
  readonly entries: LogEntry[];
  requests: number;
}

export interface GazelleOptions {
  scale?: number;
  seed?: number;
  now?: () => number;
  randomId?: () => string;
}

export function createGazelle(options: GazelleOptions): Gazelle {
  const { scale, seed, now = Date.now, randomId = () => crypto.randomUUID().replaceAll("-", "") } = options;
  const shop = createShop({ scale, seed });
  const schema = buildGazelleSchema(RESOLVERS);
  return {
    shop,
    overlay: createOverlay(shop),
    queue: createQueue(),
    oauth: createOAuth(credentialsOf(shop.seed), now, randomId),
    schema,
    engine: createEngine(schema),
    entries: [],
    requests: 0,
  };
}

/** The first credentials are derived from the seed, so that they are still valid after a restart of the double. */
function credentialsOf(seed: number): Credentials {
  const made = (name: string, number: number) => idOf(name, seed ^ 0x0a07, number);
  return {
    clientId: made("client", 1),
    clientSecret: made("secret", 2),
    accessToken: made("access", 3),
    refreshToken: made("refresh", 4),
    apiKey: made("key", 5),
  };
}

/** The result of an order: it waits for its request, or it is done, perhaps with the id of a new record. */
export type OrderTaken = { waits: number } | { done: true; id: string | null };

/** Takes an order: carries it out at once, or lets it wait for its request. */
export function takeOrder(gazelle: Gazelle, order: unknown): OrderTaken | { refusal: Refusal } {
  const parsed = parseFault(order);
  if ("refusal" in parsed) return parsed;
  const { fault } = parsed;
  const refusal = isChange(fault) ? checkChange(gazelle.overlay, fault, gazelle.schema) : null;
  if (refusal) return { refusal };
  if (fault.field || !CHANGES.includes(fault.kind)) return { waits: enqueue(gazelle.queue, fault).id };
  return { done: true, id: carryOut(gazelle, fault) };
}

/** Makes the changes that were ordered for just before one of these fields is answered. */
export function carryOutDue(gazelle: Gazelle, visits: readonly Visit[]): void {
  for (const fault of takeFaults(gazelle.queue, CHANGES, visits)) carryOut(gazelle, fault);
}

function carryOut(gazelle: Gazelle, fault: Fault): string | null {
  if (fault.kind === "expired_token") gazelle.oauth.accessTokens.clear();
  if (fault.kind === "revoked_refresh_token") gazelle.oauth.refreshTokens.clear();
  return isChange(fault) ? applyChange(gazelle.overlay, fault) : null;
}

/** Resets the shop, the tokens and the queue of orders to their first state. The log is kept. */
export function resetGazelle(gazelle: Gazelle): void {
  resetOverlay(gazelle.overlay);
  resetOAuth(gazelle.oauth);
  gazelle.queue.outstanding = [];
}

const LOG_LENGTH = 10_000;

export function record(gazelle: Gazelle, entry: Omit<LogEntry, "number">): LogEntry {
  const numbered = { number: ++gazelle.requests, ...entry };
  gazelle.entries.push(numbered);
  if (gazelle.entries.length > LOG_LENGTH) gazelle.entries.shift();
  return numbered;
}
