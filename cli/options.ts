// Options that several verbs share.

import process from "node:process";
import { type Command, InvalidArgumentError, Option } from "commander";

/**
 * Says which project is meant: a database, a URL with the key in the environment, or the local platform. The URL of a
 * database means the database, whichever of the two options it is given to.
 */
export function project(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--url <url>",
        "of a hosted project, its secret key is in ETIQUETTE_SECRET_KEY; or of a database",
      )
        .env("ETIQUETTE_URL").argParser(parseUrl),
    )
    .addOption(database())
    .addOption(dataFolder())
    .hook("preAction", () => {
      command.setOptionValue("secretKey", process.env["ETIQUETTE_SECRET_KEY"]);
      takeDatabase(command);
      preferArguments(command, "url", "database");
      preferArguments(command, "database", "url");
    });
}

function takeDatabase(command: Command): void {
  const { url } = command.opts<{ url?: string }>();
  if (url === undefined || !isDatabase(url)) return;
  const source = command.getOptionValueSource("url");
  if (source === "cli" || command.getOptionValue("database") === undefined) {
    command.setOptionValueWithSource("database", url, source);
  }
  command.setOptionValue("url", undefined);
}

const isDatabase = (url: string) => /^postgres(ql)?:\/\//.test(url);

/** A project that is named as an argument goes before one that the environment names in the other way. */
function preferArguments(command: Command, named: string, other: string): void {
  const isNamed = command.getOptionValueSource(named) === "cli";
  if (isNamed && command.getOptionValueSource(other) === "env") command.setOptionValue(other, undefined);
}

function parseUrl(text: string): string {
  if (isDatabase(text)) return text;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isLocal = url !== null && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url?.protocol === "https:" || url?.protocol === "http:" && isLocal) return url.origin;
  throw new InvalidArgumentError(
    "It must be https://<project>.supabase.co, for a key goes there; or postgres://… of a database.",
  );
}

/** @param shape what is printed: one JSON value, or one object a line, and what it describes */
export function json(shape: string): Option {
  return new Option("--json", `print ${shape}`);
}

export function dataFolder(fallback = ".local"): Option {
  return new Option("--data <folder>", "where data, keys and logs of the local platform are").default(
    fallback,
  )
    .env("ETIQUETTE_DATA");
}

export function database(): Option {
  return new Option("--database <url>", "by SQL, as a person; the local platform's unless given").env(
    "ETIQUETTE_DATABASE_URL",
  );
}

export function port(flags: string, purpose: string, fallback: number, variable: string): Option {
  return new Option(flags, `port ${purpose}, 0 for any free one`)
    .default(fallback).env(variable).argParser(parsePort);
}

export const kinds = ["supabase", "prisma", "drizzle", "sql"];

/** Of the verbs that work on a project of the user's own, in place of a database. */
export function ownProject(command: Command, writes = true): Command {
  const kind = new Option(
    "--kind <kind>",
    "how your project keeps its migrations, where there is more than one way",
  );
  command
    .option(
      "--folder <folder>",
      "of your own project, whose migrations are meant; this one unless a database is named",
    )
    .addOption(kind.choices(kinds))
    .hook("preAction", () => {
      command.setOptionValue("databaseFrom", command.getOptionValueSource("database"));
    });
  if (!writes) return command;
  const apply =
    "write it, or drop it; without this it is only shown. An install into a database needs no --apply";
  return command.option("--apply", apply);
}

export function limit(fallback: number): Option {
  return new Option("--limit <number>", "how many at most").default(fallback).argParser(wholeNumber);
}

export function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError("It must be a whole number from 1 up.");
}

function parsePort(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65_535) return value;
  throw new InvalidArgumentError("It must be a whole number from 0 to 65535.");
}
