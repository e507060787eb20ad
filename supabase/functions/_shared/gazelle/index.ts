// Gazelle as a source. Its streams are listed here in the order of their runs: each before those that refer to it.

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
