// The stream of clients: query, record schema, and mapping from fields to columns.

import { z } from "zod";
import type { Clients } from "./types.ts";
import { connection } from "./lists.ts";
import { at, type Column, field, type Fields, id, moment, type NodeOf, text } from "../sync/records.ts";
import { stream } from "./source.ts";

const query = `
  query Clients($first: Int!, $after: String) {
    allClients(first: $first, after: $after, sortBy: [CREATED_AT_ASC]) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        id companyName status personalNotes preferenceNotes tags createdAt updatedAt
        localization { locale }
        defaultClientLocalization { locale }
        defaultContact {
          firstName lastName
          defaultEmail { email }
          defaultPhone { phoneNumber }
          defaultLocation { municipality postalCode }
        }
      }
    }
  }
`;

const contact = z.object({
  firstName: field(text),
  lastName: field(text),
  defaultEmail: field(z.object({ email: field(text) })),
  defaultPhone: field(z.object({ phoneNumber: field(text) })),
  defaultLocation: field(z.object({ municipality: field(text), postalCode: field(text) })),
});

type Client = NodeOf<Clients["allClients"]>;

const node = z.object(
  {
    id,
    companyName: field(text),
    // A plain string, not an enum: a value that Gazelle adds later must not make the record invalid.
    status: field(text),
    personalNotes: field(text),
    preferenceNotes: field(text),
    tags: z.array(text).optional(),
    createdAt: field(moment),
    updatedAt: field(moment),
    localization: field(z.object({ locale: field(text) })),
    defaultClientLocalization: field(z.object({ locale: field(text) })),
    defaultContact: field(contact),
  } satisfies Fields<Client>,
);

const from = at<Client>;

export const clients = stream({
  name: "clients",
  ...connection("allClients", query),
  node,
  columns: {
    company_name: companyName,
    first_name: from("defaultContact.firstName"),
    last_name: from("defaultContact.lastName"),
    status: from("status"),
    email: from("defaultContact.defaultEmail.email"),
    phone: from("defaultContact.defaultPhone.phoneNumber"),
    city: from("defaultContact.defaultLocation.municipality"),
    postal_code: from("defaultContact.defaultLocation.postalCode"),
    personal_notes: from("personalNotes"),
    preference_notes: from("preferenceNotes"),
    locale,
    tags: from("tags"),
    created_at: from("createdAt"),
    updated_at: from("updatedAt"),
  },
});

/** If the company is blank, the name of the default contact is taken instead; undefined if that is unknown. */
function companyName(client: Record<string, unknown>): ReturnType<Column> {
  const company = client.companyName;
  if (company === undefined || (typeof company === "string" && company.trim())) return company;
  const names = [from("defaultContact.firstName")(client), from("defaultContact.lastName")(client)];
  if (names.includes(undefined)) return undefined;
  return names.filter((name) => typeof name === "string" && name.trim()).join(" ") || company;
}

/** The client's own language; where it has none, as nearly all, the one that is in force for it. */
function locale(client: Record<string, unknown>): ReturnType<Column> {
  const own = from("localization.locale")(client);
  return own === null ? from("defaultClientLocalization.locale")(client) : own;
}
