import process from "node:process";
import { Command, InvalidArgumentError } from "commander";
import { printProblem, stopOnSignals } from "../cli/terminal.ts";
import { type BenchServer, openServer } from "./database.ts";
import { benchGrowth, type GrowthOptions } from "./growth.ts";
import { type GuardOptions, reportGuard } from "./guard-report.ts";
import { benchInstall, type InstallOptions } from "./install.ts";
import { benchPls, type PlsOptions } from "./pls.ts";
import { benchSync, type SyncOptions } from "./sync-report.ts";

const program = new Command("bench")
  .description("Measures what is claimed about speed.")
  .showHelpAfterError();

program.command("guard")
  .description("what protecting a table costs, against an unprotected twin in the same run")
  .option("--json", "one object a measure and line, as each is done")
  .option("--quick", "under a minute: few rounds, no table larger than 10,000 rows")
  .option("--rows <number>", "rows of the bulk statements", wholeNumber)
  .addHelpText(
    "after",
    "\nBENCH_POSTGRES_URL names a server to use, as its superuser `postgres`; else one is started.",
  )
  .action((options: GuardOptions) => run((server, signal) => reportGuard(server, options, signal)));

program.command("growth")
  .description("what the engine's questions cost when its records have grown for years")
  .option("--json", "one object a question and line")
  .option("--quick", "500,000 entries of history; else 10,000,000, which takes some 15 GB of disk")
  .action((options: GrowthOptions) => run((server) => benchGrowth(server, options)));

program.command("pls")
  .description("how well and how fast service notes are read for a Piano Life Saver")
  .option("--json", "one object a measure and line, as each is done")
  .option("--quick", "without the shop of 2.4 million entries")
  .action((options: PlsOptions) => run((server) => benchPls(server, options)));

program.command("sync")
  .description("rows a second of the sync, beside other ways to write the same records")
  .option("--json", "one object a figure and line, as each is done")
  .option("--quick", "one round, and no table larger than 10,000 rows")
  .option("--rows <number>", "no table larger than this, from 1,000 up", wholeNumber, 1_000_000)
  .action((options: SyncOptions) => run((server) => benchSync(server, options)));

program.command("install")
  .description("how long an install over a full database takes, and how long readers and writers wait for it")
  .option("--json", "one object a figure and line")
  .option("--quick", "100,000 timeline entries, where the install as a whole is not judged; else 1,000,000")
  .action((options: InstallOptions) => run((server) => benchInstall(server, options)));

await program.parseAsync(process.argv.slice(2), { from: "user" });

/** Exit code: 0 when every limit is kept, 1 when one is missed or after an error, 130 after Ctrl-C. */
async function run(bench: (server: BenchServer, signal: AbortSignal) => Promise<boolean>): Promise<void> {
  const signal = stopOnSignals();
  try {
    await using server = await openServer(process.env["BENCH_POSTGRES_URL"]);
    // The server goes, and with it what is running in it.
    signal.addEventListener("abort", () => server[Symbol.asyncDispose]());
    process.exitCode = await bench(server, signal) ? 0 : 1;
  } catch (error) {
    if (!signal.aborted) printProblem(error);
    process.exitCode = signal.aborted ? 130 : 1;
  }
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 100) return value;
  throw new InvalidArgumentError("It must be a whole number from 100 up.");
}
