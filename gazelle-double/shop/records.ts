import type { Fields, Kind, Shop } from "./shop.ts";
import { client } from "./clients.ts";
import { contact } from "./contacts.ts";
import { event, eventStatus } from "./events.ts";
import { piano } from "./pianos.ts";
import { timelineEntry, timelineType } from "./timeline.ts";
import { user } from "./users.ts";

/** The pure function that makes the records of each kind. */
export const GENERATORS: Readonly<Record<Kind, (shop: Shop, index: number) => Fields>> = {
  client,
  contact,
  event,
  piano,
  timelineEntry,
  user,
};

/** Fields that can be computed without making the record: those that filters read of every record. */
export const SHORT_CUTS: Partial<Record<Kind, Record<string, (shop: Shop, index: number) => unknown>>> = {
  event: { status: eventStatus },
  timelineEntry: { type: (shop, index) => timelineType(shop, index) },
};
