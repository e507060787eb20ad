// What all kinds of projects have in common: a folder of migrations whose names tell their order and what they are about.

import { access, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A file to write, and what it is to hold. */
export interface NewFile {
  /** From the project's folder. */
  path: string;
  text: string;
  /** Written over a file that is there: only a list of migrations is. */
  replaces?: true;
}

export interface Migration {
  /** "ownership_engine" */
  subject: string;
  up: string;
  /** For the tools that keep the way back beside the way forth. */
  down: string;
}

export interface Place {
  kind: string;
  /** Where the migrations are, from the project's folder. */
  folder: string;
  /** The names of those that are there, in order: what a migration is about is at the end of its name. */
  names: string[];
  /** The files of further migrations, in the order in which they have to be written. */
  files(migrations: Migration[], now: Date): Promise<NewFile[]>;
  /** What to type for the project's own tool to run them. */
  next: string;
}

export interface Kind {
  name: string;
  /** By what it is recognised. */
  sign: string;
  /** Null where the project is of another kind. */
  find(project: string): Promise<Place | null>;
}

export function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}

/** The text of a file, or null where there is none. */
export function readIfThere(path: string): Promise<string | null> {
  return readFile(path, "utf8").catch(() => null);
}

/** The first of several files that is there. */
export async function readFirst(
  project: string,
  names: string[],
): Promise<{ name: string; text: string } | undefined> {
  for (const name of names) {
    const text = await readIfThere(join(project, name));
    if (text !== null) return { name, text };
  }
}

/** A text that a configuration gives; it is a program, which is read and not run. */
export function setting(config: string, key: string): string | undefined {
  return new RegExp(`["']?\\b${key}["']?\\s*:\\s*["'\`]([^"'\`]+)["'\`]`).exec(config)?.[1];
}

/** A path in the project, as it is written in messages: without "./" or a slash at its end. */
export function relative(path: string): string {
  return path.replace(/^(\.\/)+/, "").replace(/\/+$/, "");
}

/** What lies in a folder, by name; nothing where there is no folder. */
export async function namesIn(project: string, folder: string): Promise<string[]> {
  return (await readdir(join(project, folder)).catch(() => [])).sort();
}

/** The times, as 20261128190000 in UTC, of so many new migrations: later than any that is there. */
export function stamps(count: number, now: Date, newest: number): number[] {
  const first = Math.max(Number(now.toISOString().replaceAll(/[^0-9]/g, "").slice(0, 14)), newest + 1);
  return Array.from({ length: count }, (_, place) => first + place);
}

/** The highest number that a name begins with; 0 without one. */
export function newestOf(names: string[]): number {
  return Math.max(0, ...names.map((name) => Number(/^\d+/.exec(name)?.[0] ?? 0)));
}
