// The stream of users: query, record schema, and mapping from fields to columns.

import { z } from "zod";
import type { Users } from "./types.ts";
import { list } from "./lists.ts";
import { at, field, type Fields, id, moment, text } from "../sync/records.ts";
import { stream } from "./source.ts";

const query = `
  query Users {
    allUsers { id firstName lastName email accessLevel updatedAt }
  }
`;

type User = Users["allUsers"][number];

const node = z.object(
  {
    id,
    firstName: field(text),
    lastName: field(text),
    email: field(text),
    // A plain string, not an enum: a value that Gazelle adds later must not make the record invalid.
    accessLevel: field(text),
    updatedAt: field(moment),
  } satisfies Fields<User>,
);

const from = at<User>;

export const users = stream({
  name: "users",
  ...list("allUsers", query),
  node,
  columns: {
    first_name: from("firstName"),
    last_name: from("lastName"),
    email: from("email"),
    role: from("accessLevel"),
    updated_at: from("updatedAt"),
  },
});
