// Every stream there is, each before those that refer to it. A stream is a file beside this one (a query, a
// record schema, a mapping), its line here, and its table in the migrations.

import { appointments } from "./appointments.ts";
import { clients } from "./clients.ts";
import { contacts } from "./contacts.ts";
import { pianos } from "./pianos.ts";
import type { Stream } from "./stream.ts";
import { timeline } from "./timeline.ts";
import { users } from "./users.ts";

export const streams: Stream[] = [users, clients, contacts, pianos, appointments, timeline];
