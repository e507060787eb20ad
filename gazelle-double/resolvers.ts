import type { Fields, Kind } from "./shop/shop.ts";
import { allOf, connection, connectionOf, type GazelleContext, withErrors } from "./connections.ts";
import { findRecord, ofClient, type Overlay, recordAt } from "./overlay.ts";
import type { PageArguments } from "./paging.ts";
import { clientText, pianoText, sees } from "./filters.ts";
import { companyOf, localization } from "./company.ts";
import { email, location, phone, phoneNumber } from "./reach.ts";
import { CLIENT_TAGS } from "./shop/clients.ts";
import { PIANO_TAGS } from "./shop/pianos.ts";
import { measurements } from "./shop/measurements.ts";
import type { Resolvers } from "./schema.ts";

interface ListArguments extends PageArguments {
  filters?: Record<string, unknown>;
  sortBy?: string[];
}

const all = (kind: Kind, field: string) => (_: unknown, args: ListArguments, context: GazelleContext) =>
  connection(context, { kind, field, filters: args.filters, sortBy: args.sortBy }, args);

const one = (kind: Kind, ...names: string[]) =>
(
  _: unknown,
  args: Record<string, unknown>,
  context: GazelleContext,
) => {
  const record = findRecord(context.overlay, kind, names.map((name) => args[name]).find(Boolean));
  const isSeen = record && (context.share === null || sees(context.share, record));
  return isSeen ? withErrors(record, 0, context, kind) : null;
};

const link = (kind: Kind, field: string) => (record: Fields, _: unknown, { overlay }: GazelleContext) =>
  findRecord(overlay, kind, record[field]);

const company = (_: unknown, __: unknown, { overlay }: GazelleContext) => companyOf(overlay.shop);

export const RESOLVERS: Resolvers<GazelleContext> = {
  PrivateQuery: {
    allClients: all("client", "allClients"),
    allPianos: all("piano", "allPianos"),
    allEventsBatched: all("event", "allEventsBatched"),
    allTimelineEntries: timeline,
    allUsers: (_: unknown, __: unknown, context: GazelleContext) => allOf(context, "user", "allUsers"),
    allClientTags: (_: unknown, __: unknown, { overlay }: GazelleContext) =>
      tagsOf(overlay, "client", CLIENT_TAGS),
    allPianoTags: (_: unknown, __: unknown, { overlay }: GazelleContext) =>
      tagsOf(overlay, "piano", PIANO_TAGS),
    client: one("client", "clientId", "id"),
    piano: one("piano", "pianoId", "id"),
    contact: one("contact", "id"),
    event: one("event", "eventId"),
    company,
    user: (_: unknown, __: unknown, { overlay, share }: GazelleContext) =>
      recordAt(overlay, "user", share === null ? 0 : 1),
  },
  PrivateClient: {
    defaultContact,
    defaultBillingContact: defaultContact,
    allContacts: (
      client: Fields,
      args: PageArguments & { includeArchived?: boolean },
      context: GazelleContext,
    ) =>
      connection(context, {
        kind: "contact",
        field: "PrivateClient.allContacts",
        filters: { clientId: client.id, includeArchived: args.includeArchived ?? false },
      }, args),
    allPianos: (client: Fields, args: PageArguments & { status?: string[] }, context: GazelleContext) =>
      connection(context, {
        kind: "piano",
        field: "PrivateClient.allPianos",
        filters: { clientId: client.id, status: args.status },
      }, args),
    allClientsReferred: () => [],
    company,
    preferredTechnician: link("user", "preferredTechnicianId"),
    // The first is what is in force; the second is null unless somebody chose another than the shop's.
    defaultClientLocalization: (client: Fields) => localization(client.id),
    localization: (client: Fields) => {
      const own = localization(client.id);
      return own["isClientDefault"] ? null : own;
    },
    searchString: (client: Fields, _: unknown, { overlay }: GazelleContext) => clientText(overlay, client),
  },
  PrivatePiano: {
    client: link("client", "clientId"),
    company,
    allPianoMeasurements: (piano: Fields) => measurements(piano.id),
    searchString: pianoText,
  },
  PrivateContact: {
    client: link("client", "clientId"),
    defaultEmail: email,
    allEmails: (contact: Fields, args: PageArguments) => connectionOf(listed(email(contact)), args),
    defaultPhone: phone,
    defaultConfirmedMobilePhone: () => null,
    allPhones: (contact: Fields, args: PageArguments) => connectionOf(listed(phone(contact)), args),
    defaultLocation: location,
    defaultBillingLocation: location,
    defaultMailingLocation: location,
    allLocations: (contact: Fields, args: PageArguments) => connectionOf(listed(location(contact)), args),
  },
  PrivateContactPhone: { phoneNumber },
  PrivateCompany: { phoneNumber },
  PrivateUser: {
    clientLocalization: () => localization("default"),
    defaultClientLocalization: () => localization("default"),
    defaultUserLocalization: () => localization("default"),
    localization: (user: Fields) => localization(user.id),
  },
  PrivateEvent: {
    client: link("client", "clientId"),
    user: link("user", "userId"),
    createdBy: link("user", "createdById"),
    allEventPianos: (event: Fields, args: PageArguments, { overlay }: GazelleContext) =>
      connectionOf(eventPianos(overlay, event), args),
  },
  PrivateTimelineEntry: {
    client: link("client", "clientId"),
    piano: link("piano", "pianoId"),
    user: link("user", "userId"),
    appointment: link("event", "appointmentId"),
  },
};

interface TimelineArguments extends PageArguments {
  [filter: string]: unknown;
}

function timeline(_: unknown, args: TimelineArguments, context: GazelleContext): unknown {
  const { after, before, first, last, ...filters } = args;
  const selection = { kind: "timelineEntry", field: "allTimelineEntries", filters } as const;
  return connection(context, selection, { after, before, first, last });
}

function defaultContact(client: Fields, _: unknown, { overlay }: GazelleContext): Fields | null {
  const contacts = ofClient(overlay, "contact", client.id).map((place) =>
    recordAt(overlay, "contact", place)
  );
  return contacts.find((contact) => contact.isDefault) ?? null;
}

function eventPianos(overlay: Overlay, event: Fields): unknown[] {
  const pianos = (event.pianoIds as string[]).map((id) => findRecord(overlay, "piano", id)).filter(Boolean);
  return pianos.map((piano) => ({ event, piano, isTuning: event.type === "APPOINTMENT" }));
}

function tagsOf(overlay: Overlay, kind: Kind, known: readonly string[]): string[] {
  const edited = [...overlay.kinds[kind].edits.values(), ...overlay.kinds[kind].added];
  return [...new Set([...known, ...edited.flatMap(({ tags }) => (tags as string[] | undefined) ?? [])])]
    .sort();
}

function listed<T>(item: T | null): T[] {
  return item === null ? [] : [item];
}
