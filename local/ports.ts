import { spawnSync } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { createServer } from "node:net";
import process from "node:process";
import { problem } from "../supabase/functions/_shared/problem.ts";

/** Returns the port if it is free, or any free port for 0. `purpose` and `option` are for the error message. */
export async function claimPort(port: number, purpose: string, option: string): Promise<number> {
  try {
    return await listenOnce(port);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "EADDRINUSE") throw await busy(port, purpose, option);
    throw problem("port_refused", `Port ${port} for ${purpose} cannot be used: ${code ?? error}.`, {
      details: "The operating system refused to listen on 127.0.0.1.",
      hint: `Choose another port with ${option}.`,
    });
  }
}

async function busy(port: number, purpose: string, option: string): Promise<Error> {
  const owner = await portOwner(port);
  return problem("port_busy", `Port ${port} for ${purpose} is taken.`, {
    details: owner === null
      ? "Another program listens on it."
      : `Process ${owner.pid} listens on it: ${owner.command}`,
    hint: `Stop that program, or choose another port with ${option}.`,
  });
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      const address = server.address();
      const found = typeof address === "object" && address !== null ? address.port : port;
      server.close(() => resolve(found));
    });
  });
}

/** The process that listens on the port, if the system tells (Linux does). */
async function portOwner(port: number): Promise<{ pid: number; command: string } | null> {
  const inode = await listeningInode(port).catch(() => null);
  if (inode === null) return null;
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => "");
      if (target === `socket:[${inode}]`) return { pid: Number(pid), command: await commandOf(Number(pid)) };
    }
  }
  return null;
}

async function listeningInode(port: number): Promise<string | null> {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  const listening = "0A";
  for (const line of (await readFile("/proc/net/tcp", "utf8")).split("\n").slice(1)) {
    const fields = line.trim().split(/\s+/);
    if (fields[1]?.endsWith(`:${wanted}`) && fields[3] === listening) return fields[9] ?? null;
  }
  return null;
}

/** The command line of a process, cut to a readable line. Empty if the process has ended or is hidden. */
export async function commandOf(pid: number): Promise<string> {
  const text = process.platform === "linux"
    ? await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")
    : spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).stdout ?? "";
  return text.replaceAll("\0", " ").trim().slice(0, 120);
}
