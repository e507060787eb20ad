import process from "node:process";
import { parseArgs } from "node:util";
import { startGazelleDouble } from "./server.ts";

/**
 * Runs the double as a process of its own and prints one line of JSON once it listens. It ends with SIGTERM,
 * with SIGINT, and with its parent: when stdin closes.
 */
async function main(): Promise<void> {
  const options = settings();
  const double = await startGazelleDouble(options).catch((error) =>
    leave(error instanceof Deno.errors.AddrInUse ? busy(options.port) : error.message, 1)
  );
  const { order: _order, stop, shop, ...where } = double;
  const ended = ending();
  console.log(JSON.stringify({ ready: true, ...where, counts: shop.counts }));
  await ended;
  await stop();
  process.exit(0);
}

function settings(): { port: number; scale: number; seed: number; delayMs: number } {
  try {
    const { values } = parseArgs({ options: OPTIONS });
    return {
      port: number("port", values.port),
      scale: number("scale", values.scale),
      seed: number("seed", values.seed),
      delayMs: number("delay-ms", values["delay-ms"]),
    };
  } catch (error) {
    return leave(error instanceof Error ? error.message : String(error), 2);
  }
}

const OPTIONS = {
  port: { type: "string", default: "54329" },
  scale: { type: "string", default: "1" },
  seed: { type: "string", default: "1" },
  "delay-ms": { type: "string", default: "0" },
} as const;

function number(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value >= 0) return value;
  throw new Error(`--${name} ${JSON.stringify(text)} is not a number of 0 or more.`);
}

function busy(port: number): string {
  return `Port ${port} is in use. Stop what listens there, or choose another with --port (0 takes a free one).`;
}

function leave(message: string, code: number): never {
  console.error(message);
  process.exit(code);
}

function ending(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
    process.stdin.once("end", () => resolve());
    process.stdin.once("close", () => resolve());
    process.stdin.resume();
  });
}

if (import.meta.main) await main();
