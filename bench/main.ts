import { cpus } from "node:os";
import process from "node:process";
import { Command, InvalidArgumentError } from "commander";
import { printProblem, stopOnSignals, table } from "../cli/terminal.ts";
import { openServer } from "./database.ts";
import { benchGuard } from "./guard.ts";
import { benchInstall } from "./install.ts";
import type { Measure } from "./measure.ts";
import { benchPls, type PlsOptions } from "./pls.ts";
import { benchSync, type SyncOptions } from "./sync-report.ts";

const program = new Command("bench")
  .description("Measures what is claimed about speed.")
  .showHelpAfterError();

program.command("guard")
  .description("what protecting a table costs, against an unprotected twin in the same run")
  .option("--json", "one object a measure and line, as each is done")
  .option("--quick", "fewer rounds, and no table larger than 100,000 rows")
  .option("--rows <number>", "rows of the bulk statements", wholeNumber, 100_000)
  .addHelpText(
    "after",
    "\nBENCH_POSTGRES_URL names a server to use, as its superuser `postgres`; else one is started.",
  )
  .action(guard);

program.command("pls")
  .description("how well and how fast service notes are read for a Piano Life Saver")
  .option("--json", "one object a measure and line, as each is done")
  .option("--quick", "without the shop of 2.4 million entries")
  .action((options: PlsOptions) =>
    finish(async (signal) => {
      await using server = await openServer(process.env["BENCH_POSTGRES_URL"]);
      signal.addEventListener("abort", () => server[Symbol.asyncDispose]());
      return await benchPls(server, options);
    })
  );

program.command("sync")
  .description("rows a second of the sync, beside other ways to write the same records")
  .option("--json", "one object a figure and line, as each is done")
  .option("--quick", "one round, and no table larger than 10,000 rows")
  .option("--rows <number>", "no table larger than this, from 1,000 up", wholeNumber, 1_000_000)
  .action((options: SyncOptions) =>
    finish(async (signal) => {
      await using server = await openServer(process.env["BENCH_POSTGRES_URL"]);
      signal.addEventListener("abort", () => server[Symbol.asyncDispose]());
      return await benchSync(server, options);
    })
  );

program.command("install")
  .description("how long an install over a million rows takes, and how long readers wait for it")
  .option("--json", "one object a figure and line")
  .action((options: { json?: true }) =>
    finish(async (signal) => {
      await using server = await openServer(process.env["BENCH_POSTGRES_URL"]);
      signal.addEventListener("abort", () => server[Symbol.asyncDispose]());
      return await benchInstall(server, options);
    })
  );

await program.parseAsync(process.argv.slice(2), { from: "user" });

interface Options {
  json?: true;
  quick?: true;
  rows: number;
}

function guard(options: Options): Promise<void> {
  return finish((signal) => measureAndPrint(options, signal));
}

/** Exit code: 0 when every limit is kept, 1 when one is missed or after an error, 130 after Ctrl-C. */
async function finish(measure: (signal: AbortSignal) => Promise<boolean>): Promise<void> {
  const signal = stopOnSignals();
  try {
    process.exitCode = await measure(signal) ? 0 : 1;
  } catch (error) {
    if (!signal.aborted) printProblem(error);
    process.exitCode = signal.aborted ? 130 : 1;
  }
}

async function measureAndPrint({ json, quick, rows }: Options, signal: AbortSignal): Promise<boolean> {
  await using server = await openServer(process.env["BENCH_POSTGRES_URL"]);
  // The server goes, and with it what is running in it.
  signal.addEventListener("abort", () => server[Symbol.asyncDispose]());
  const sizes = quick ? [1_000, 100_000] : [1_000, 100_000, 1_000_000];
  const measures: Measure[] = [];
  for await (
    const measure of benchGuard(server, {
      rows,
      sizes,
      rounds: quick ? 5 : 9,
      clock: () => performance.now(),
    })
  ) {
    signal.throwIfAborted();
    measures.push(measure);
    if (json) console.log(JSON.stringify(measure));
    else console.error(`${measure.ok ? "ok  " : "MISS"} ${measure.name}`);
  }
  const setting = `Postgres ${server.version}, ${cpus().length} cores, ${rows.toLocaleString("en-CA")} rows`;
  if (!json) printTable(measures, setting);
  return measures.every(({ ok }) => ok);
}

function printTable(measures: Measure[], setting: string): void {
  const peers = Object.keys(measures.find(({ peers }) => peers !== undefined)?.peers ?? {});
  const head = ["Measure", "Guarded", "Unguarded", "Ratio", "by CPU", "Limit", "", ...peers];
  const rows = measures.map((measure) => [
    measure.name,
    figure(measure.guarded, measure.unit),
    measure.unguarded === null ? "" : figure(measure.unguarded, measure.unit),
    ...(["wall", "cpu"] as const).map((clock) => ratio(measure, clock)),
    measure.ratio === null ? figure(measure.limit, measure.unit) : measure.limit.toFixed(2),
    measure.ok ? "ok" : "MISS",
    ...peers.map((peer) => measure.peers?.[peer]?.toFixed(1) ?? ""),
  ]);
  console.log(`\n${setting}; * marks the ratio that is judged\n${table(head, rows)}`);
}

/** Starred when it is the one that is judged. */
function ratio(measure: Measure, clock: Measure["judgedBy"]): string {
  const value = clock === "wall" ? measure.ratio : measure.cpuRatio;
  return value === null ? "" : `${value.toFixed(2)}${measure.judgedBy === clock ? " *" : ""}`;
}

function figure(value: number, unit: Measure["unit"]): string {
  return `${unit === "µs/row" ? value.toFixed(1) : Math.round(value).toLocaleString("en-CA")} ${unit}`;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 100) return value;
  throw new InvalidArgumentError("It must be a whole number from 100 up.");
}
