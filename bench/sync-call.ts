// One call of the function, in a process of its own: what it takes of an edge function's 2 s of processor and 256 MB.
// Reads {url, key, rows} as JSON on standard input and answers {cpu, memory, isDone} on standard output.

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
