// Processor time and memory of processes, as Linux accounts for them. Other systems have no /proc: null there.

import { readdir, readFile } from "node:fs/promises";
import process from "node:process";
import type postgres from "postgres";

/** Milliseconds of processor time of this process and its descendants, which include the database server and its sessions. */
export async function processorTime(): Promise<number | null> {
  const processes = new Map<string, { parent: string; time: number }>();
  for (const pid of await readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [parent, user, system] = [fields[1], fields[11], fields[12]];
    // The kernel counts in hundredths of a second, over all threads of the process.
    if (parent) processes.set(pid, { parent, time: 10 * (Number(user) + Number(system)) });
  }
  const own = String(process.pid);
  if (!processes.has(own)) return null;
  const isOurs = (pid: string | undefined): boolean =>
    pid === own || (pid !== undefined && isOurs(processes.get(pid)?.parent));
  return [...processes].filter(([pid]) => isOurs(pid)).reduce((sum, [, { time }]) => sum + time, 0);
}

/** The largest amount of memory, in bytes, that this process has held so far. */
export async function peakMemory(): Promise<number | null> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

/**
 * Milliseconds that a process of the database server has spent on a processor (`ran`), and ready to run while no
 * processor was free (`waited`). By default it is the process that serves `sql`.
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
