// The stream of clients: what is asked, what a record looks like, which column each field lands in.

import { z } from "zod";
import { connection } from "./pages.ts";
import { at, type Column, field, text } from "./records.ts";
import type { Stream } from "./stream.ts";

const query = `
  query Clients($first: Int!, $after: String) {
    allClients(first: $first, after: $after, sortBy: [CREATED_AT_ASC]) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        id companyName status personalNotes preferenceNotes tags createdAt updatedAt
        localization { locale }
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

const node = z.object({
  id: text.min(1),
  companyName: field(text),
  // Values that nobody knew are data: status stays a string.
  status: field(text),
  personalNotes: field(text),
  preferenceNotes: field(text),
  tags: z.array(text).optional(),
  createdAt: field(z.iso.datetime({ offset: true })),
  updatedAt: field(z.iso.datetime({ offset: true })),
  localization: field(z.object({ locale: field(text) })),
  defaultContact: field(contact),
});

export const clients: Stream = {
  name: "clients",
  ...connection("allClients", query),
  node,
  columns: {
    company_name: companyName,
    first_name: at("defaultContact.firstName"),
    last_name: at("defaultContact.lastName"),
    status: at("status"),
    email: at("defaultContact.defaultEmail.email"),
    phone: at("defaultContact.defaultPhone.phoneNumber"),
    city: at("defaultContact.defaultLocation.municipality"),
    postal_code: at("defaultContact.defaultLocation.postalCode"),
    personal_notes: at("personalNotes"),
    preference_notes: at("preferenceNotes"),
    locale: at("localization.locale"),
    tags: at("tags"),
    created_at: at("createdAt"),
    updated_at: at("updatedAt"),
  },
};

/** Where the company is blank, the default contact's name serves; where that is unknown, no opinion. */
function companyName(client: Record<string, unknown>): ReturnType<Column> {
  const company = client.companyName;
  if (company === undefined || (typeof company === "string" && company.trim())) return company;
  const names = [at("defaultContact.firstName")(client), at("defaultContact.lastName")(client)];
  if (names.includes(undefined)) return undefined;
  return names.filter((name) => typeof name === "string" && name.trim()).join(" ") || company;
}
