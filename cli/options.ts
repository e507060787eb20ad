// Options that several verbs share.

import process from "node:process";
import { type Command, InvalidArgumentError, Option } from "commander";

/** Says which project is meant: a database, a URL with the key in the environment, or the local platform. */
export function project(command: Command): Command {
  return command
    .addOption(
      new Option("--url <url>", "of a hosted project; its secret key is in ETIQUETTE_SECRET_KEY")
        .env("ETIQUETTE_URL").argParser(parseUrl),
    )
    .addOption(database())
    .addOption(dataFolder())
    .hook("preAction", () => {
      command.setOptionValue("secretKey", process.env["ETIQUETTE_SECRET_KEY"]);
      preferArguments(command, "url", "database");
      preferArguments(command, "database", "url");
    });
}

/** A project that is named as an argument goes before one that the environment names in the other way. */
function preferArguments(command: Command, named: string, other: string): void {
  const isNamed = command.getOptionValueSource(named) === "cli";
  if (isNamed && command.getOptionValueSource(other) === "env") command.setOptionValue(other, undefined);
}

function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isLocal = url !== null && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url?.protocol === "https:" || url?.protocol === "http:" && isLocal) return url.origin;
  throw new InvalidArgumentError("It must be https://<project>.supabase.co, for a key goes there.");
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
