// Processor time and memory of this process and of those it started (Linux; null elsewhere).

import { readdir, readFile } from "node:fs/promises";
import process from "node:process";
import type postgres from "postgres";

/** Milliseconds of this process and all that it started, the API and the database server among them. */
export async function processorTime(): Promise<number | null> {
  const processes = new Map<string, { parent: string; time: number }>();
  for (const pid of await readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [parent, user, system] = [fields[1], fields[11], fields[12]];
    // In hundredths of a second, of all threads.
    if (parent) processes.set(pid, { parent, time: 10 * (Number(user) + Number(system)) });
  }
  const own = String(process.pid);
  if (!processes.has(own)) return null;
  const isOurs = (pid: string | undefined): boolean =>
    pid === own || (pid !== undefined && isOurs(processes.get(pid)?.parent));
  return [...processes].filter(([pid]) => isOurs(pid)).reduce((sum, [, { time }]) => sum + time, 0);
}

/** The most bytes of memory that this process ever held. */
export async function peakMemory(): Promise<number | null> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

/**
 * Milliseconds that a server process, by default that of `sql` itself, has spent on a processor (`ran`) and ready to
 * run while no processor was free (`waited`). Linux; null elsewhere.
 */
export async function timesOfServerProcess(
  sql: postgres.Sql,
  pid: number | null = null,
): Promise<{ ran: number; waited: number } | null> {
  const [row] = await sql`
    select pg_read_file(
      '/proc/' || coalesce(${pid}::integer, pg_backend_pid()) || '/schedstat', 0, 1000, true) as text`;
  if (!row?.text) return null;
  const [ran, waited] = row.text.split(" ").map((nanoseconds: string) => Number(nanoseconds) / 1e6);
  return { ran, waited };
}
