import type { Shop } from "./shop.ts";
import { INSTITUTIONAL_PIANOS, institutionOfPiano, INSTITUTIONS } from "./institutions.ts";

// Every link can be computed in both directions. Numbers are indexes in the lists of the shop.

export function clientOfPiano(shop: Shop, piano: number): number {
  const rank = shop.pianoRanks.forward(piano);
  if (rank < INSTITUTIONAL_PIANOS) return shop.clientRanks.back(institutionOfPiano(rank).institution);
  const owner = shop.pianosByClient.ownerOf(rank - INSTITUTIONAL_PIANOS);
  return shop.clientRanks.back(owner + INSTITUTIONS.length);
}

export function pianosOfClient(shop: Shop, client: number): number[] {
  const rank = shop.clientRanks.forward(client);
  const ranks = rank < INSTITUTIONS.length
    ? institutionalRanks(rank)
    : shop.pianosByClient.slotsOf(rank - INSTITUTIONS.length).map((slot) => slot + INSTITUTIONAL_PIANOS);
  return ranks.map((pianoRank) => shop.pianoRanks.back(pianoRank)).sort((a, b) => a - b);
}

function institutionalRanks(institution: number): number[] {
  const before = INSTITUTIONS.slice(0, institution).reduce((sum, { pianos }) => sum + pianos, 0);
  return Array.from({ length: INSTITUTIONS[institution]?.pianos ?? 0 }, (_, k) => before + k);
}

export function clientOfContact(shop: Shop, contact: number): number {
  return shop.contactsByClient.ownerOf(contact);
}

/** The client's contacts, the default one first. */
export function contactsOfClient(shop: Shop, client: number): number[] {
  return shop.contactsByClient.slotsOf(client);
}

/** The client of an appointment; null for the events of the technicians themselves. */
export function clientOfEvent(shop: Shop, event: number): number | null {
  const slot = shop.eventSlots.forward(event);
  return slot < shop.eventsByClient.total ? shop.eventsByClient.ownerOf(slot) : null;
}

export function eventsOfClient(shop: Shop, client: number): number[] {
  return shop.eventsByClient.slotsOf(client).map((slot) => shop.eventSlots.back(slot)).sort((a, b) => a - b);
}

/** The pianos of an appointment: up to three of its client's. */
export function pianosOfEvent(shop: Shop, event: number): number[] {
  const client = clientOfEvent(shop, event);
  if (client === null) return [];
  const pianos = pianosOfClient(shop, client);
  const from = pianos.length > 3 ? event % (pianos.length - 2) : 0;
  return pianos.slice(from, from + 1 + (event % 3));
}

/** What a timeline entry is about: a piano and its client, or a client alone. */
export function ownersOfEntry(
  shop: Shop,
  entry: number,
): { client: number; piano: number | null; tier: number } {
  const slot = shop.timelineSlots.forward(entry);
  if (slot < shop.entriesByPiano.total) {
    const piano = shop.entriesByPiano.ownerOf(slot);
    return { client: clientOfPiano(shop, piano), piano, tier: shop.entriesByPiano.tierOf(slot) };
  }
  const own = slot - shop.entriesByPiano.total;
  return { client: shop.entriesByClient.ownerOf(own), piano: null, tier: shop.entriesByClient.tierOf(own) };
}

/** The piano's entries, newest first (the list's order). */
export function entriesOfPiano(shop: Shop, piano: number): number[] {
  return shop.entriesByPiano.slotsOf(piano).map((slot) => shop.timelineSlots.back(slot)).sort((a, b) =>
    a - b
  );
}

/** The client's entries and those of its pianos, newest first. */
export function entriesOfClient(shop: Shop, client: number): number[] {
  const own = shop.entriesByClient.slotsOf(client)
    .map((slot) => shop.timelineSlots.back(slot + shop.entriesByPiano.total));
  const ofPianos = pianosOfClient(shop, client).flatMap((piano) => entriesOfPiano(shop, piano));
  return [...own, ...ofPianos].sort((a, b) => a - b);
}
