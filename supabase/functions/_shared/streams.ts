// Every stream there is, each before those that refer to it. A stream is a file beside this one (a query, a
// record schema, a mapping), its line here, and its table in the migrations.

import { clients } from "./clients.ts";
import { pianos } from "./pianos.ts";
import type { Stream } from "./stream.ts";

export const streams: Stream[] = [clients, pianos];
