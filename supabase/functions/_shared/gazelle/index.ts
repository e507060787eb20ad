// Gazelle: every stream there is, each before those that refer to it. A stream is a file beside this one (a query, a
// record schema, a mapping), its line here, and its table in the database.

import type { Source } from "../sync/source.ts";
import { appointments } from "./appointments.ts";
import { clients } from "./clients.ts";
import { contacts } from "./contacts.ts";
import { names } from "./names.ts";
import { pianos } from "./pianos.ts";
import { timeline } from "./timeline.ts";
import { users } from "./users.ts";

export const streams = [users, clients, contacts, pianos, appointments, timeline];

export const gazelle: Source = { ...names, streams };
