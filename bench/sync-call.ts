// Makes one call of the sync function in a process of its own, and measures how much of the 2 s of processor time and
// the 256 MB of memory that an edge function may use the call takes. Reads {url, key, rows} as JSON from standard input
// and writes {cpu, memory, isDone} to standard output: milliseconds, bytes, and whether the run is complete.

import process from "node:process";
import { text } from "node:stream/consumers";
import { createClient } from "@supabase/supabase-js";
import { peakMemory } from "./processes.ts";
import { callOnce } from "./sync-contenders.ts";

const { url, key, rows } = JSON.parse(await text(process.stdin));
const api = createClient(url, key, { auth: { persistSession: false, autoRefreshToken: false } });
const before = process.cpuUsage();
const isDone = await callOnce(api, rows, () => "loaded");
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ cpu: (user + system) / 1000, memory: await peakMemory(), isDone }));
