// Options that several verbs share.

import { InvalidArgumentError, Option } from "commander";

/** @param shape what is printed: one JSON value, or one object a line, and of what */
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
  return new Option("--database <url>", "as a person; the local platform's unless given").env(
    "ETIQUETTE_DATABASE_URL",
  );
}

export function port(flags: string, purpose: string, fallback: number, variable: string): Option {
  return new Option(flags, `port ${purpose}, 0 for any free one`)
    .default(fallback).env(variable).argParser(parsePort);
}

function parsePort(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65_535) return value;
  throw new InvalidArgumentError("It must be a whole number from 0 to 65535.");
}
