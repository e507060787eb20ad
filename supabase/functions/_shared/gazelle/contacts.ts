// The stream of contacts, of which each client has a list: queries, record schema, and mapping from fields to
// columns.

import { z } from "zod";
import type { Contacts } from "./types.ts";
import { listsOfEach } from "./lists-of-each.ts";
import { at, field, type Fields, id, moment, type NodeOf, reference, text } from "../sync/records.ts";
import { stream } from "./source.ts";

// Archived contacts still exist, so they are read too.
const contactsOf = `
  allContacts(first: $inner, after: $innerAfter, includeArchived: true) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      id firstName lastName isDefault archived createdAt updatedAt
      client { id }
      defaultEmail { email }
      defaultPhone { phoneNumber }
    }
  }
`;

const query = `
  query Contacts($first: Int!, $after: String, $inner: Int!, $innerAfter: String) {
    allClients(first: $first, after: $after, sortBy: [CREATED_AT_ASC]) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        id
        ${contactsOf}
      }
    }
  }
`;

const rest = `
  query MoreContacts($id: String!, $inner: Int!, $innerAfter: String) {
    client(id: $id) {
      ${contactsOf}
    }
  }
`;

type Contact = NodeOf<NodeOf<Contacts["allClients"]>["allContacts"]>;

const node = z.object(
  {
    id,
    firstName: field(text),
    lastName: field(text),
    isDefault: field(z.boolean()),
    archived: field(z.boolean()),
    createdAt: field(moment),
    updatedAt: field(moment),
    client: field(z.object({ id: field(reference) })),
    defaultEmail: field(z.object({ email: field(text) })),
    defaultPhone: field(z.object({ phoneNumber: field(text) })),
  } satisfies Fields<Contact>,
);

const from = at<Contact>;

export const contacts = stream({
  name: "contacts",
  ...listsOfEach({ root: "allClients", one: "client", list: "allContacts", query, rest }),
  node,
  columns: {
    client_external_id: from("client.id"),
    first_name: from("firstName"),
    last_name: from("lastName"),
    email: from("defaultEmail.email"),
    phone: from("defaultPhone.phoneNumber"),
    is_default: from("isDefault"),
    archived: from("archived"),
    created_at: from("createdAt"),
    updated_at: from("updatedAt"),
  },
});
