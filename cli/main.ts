import process from "node:process";
import { Command, InvalidArgumentError, Option } from "commander";
import { printProblem, stopOnSignals } from "./terminal.ts";
import { exportValues, importValues, printExported, printImported } from "./commands/export.ts";
import { printReplay, replay } from "./commands/replay.ts";
import { printStart, start } from "./commands/start.ts";
import { printVerified, verify } from "./commands/verify.ts";

const program = new Command("etiquette")
  .description("Syncs Gazelle into Postgres, and never over what a person wrote.")
  .configureHelp({ sortOptions: true })
  .showHelpAfterError();

program.command("start")
  .description("start the local platform, sync everything, and stay up")
  .option("--once", "end after the first sync, with code 0 if it is complete")
  .option("--fresh", "start over with an empty database")
  .option("--badges", "show every PLS badge with its reason")
  .addOption(
    new Option("--scale <factor>", "size of the double's shop, 1 for that of a real one")
      .default(1).env("ETIQUETTE_SCALE").argParser(parseScale),
  )
  .addOption(port("--port <number>", "of the API", 54321, "ETIQUETTE_PORT"))
  .addOption(port("--db-port <number>", "of Postgres", 54322, "ETIQUETTE_DB_PORT"))
  .addOption(port("--double-port <number>", "of the double of Gazelle", 54329, "ETIQUETTE_DOUBLE_PORT"))
  .addOption(dataFolder(".local"))
  .action((options) => run((signal) => start(options, signal), printStart));

program.command("replay")
  .description("replay the incident of 2026-01-19 against unprotected and protected tables")
  .addOption(dataFolder(".local/replay"))
  .action((options) => run((signal) => replay(options, signal), printReplay));

program.command("verify")
  .description("check institutions, badges and protected values: expected against found")
  .option("--json", "one object a check and line")
  .addOption(database())
  .addOption(dataFolder(".local"))
  .action((options) => run((signal) => verify(options, signal), printVerified));

program.command("export <file>")
  .description("write every manual value into one JSON file")
  .addOption(database())
  .addOption(dataFolder(".local"))
  .action((file, options) => run((signal) => exportValues(file, options, signal), printExported));

program.command("import <file>")
  .description("show what an exported file would bring back, and bring it back with --apply")
  .option("--apply", "write it; without, nothing is")
  .addOption(database())
  .addOption(dataFolder(".local"))
  .action((file, options) => run((signal) => importValues(file, options, signal), printImported));

await program.parseAsync(process.argv.slice(2), { from: "user" });

function port(flags: string, purpose: string, fallback: number, variable: string): Option {
  return new Option(flags, `port ${purpose}, 0 for any free one`)
    .default(fallback).env(variable).argParser(parsePort);
}

function dataFolder(fallback: string): Option {
  return new Option("--data <folder>", "where data, keys and logs are kept").default(fallback).env(
    "ETIQUETTE_DATA",
  );
}

function database(): Option {
  return new Option("--database <url>", "as a person; the local platform's unless given").env(
    "ETIQUETTE_DATABASE_URL",
  );
}

function parsePort(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65_535) return value;
  throw new InvalidArgumentError("It must be a whole number from 0 to 65535.");
}

function parseScale(text: string): number {
  const value = Number(text);
  if (value >= 0.2 && value <= 100) return value;
  throw new InvalidArgumentError("It must be a number from 0.2 to 100.");
}

/** Runs a command to its exit code: 130 after Ctrl-C, 1 after an error, else what printing it says. */
async function run<Result>(
  command: (signal: AbortSignal) => Promise<Result>,
  print: (result: Result, signal: AbortSignal) => Promise<number>,
): Promise<void> {
  const signal = stopOnSignals();
  try {
    const result = await command(signal);
    await using _held = isDisposable(result) ? result : null;
    process.exitCode = await print(result, signal);
  } catch (error) {
    if (!signal.aborted) printProblem(error);
    process.exitCode = signal.aborted ? 130 : 1;
  }
}

/** What a command leaves running while its result is printed. */
function isDisposable(result: unknown): result is AsyncDisposable {
  return typeof result === "object" && result !== null && Symbol.asyncDispose in result;
}
