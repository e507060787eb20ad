// Which file may import which: no circles, types included, and no import over a border between two rooms.

import { posix } from "node:path";
import type { Finding } from "./deno.ts";
import type { SourceFile } from "./files.ts";

interface Import {
  from: string;
  /** In the file that imports, from 1. */
  line: number;
  to: string;
}

interface Border {
  /** The files inside it, what they may not import, and what to do about it. */
  inside: RegExp;
  closed: RegExp;
  instead: string;
}

const borders: Border[] = [
  {
    inside: /^supabase\/functions\/_shared\/sync\//,
    closed: /^supabase\/functions\/(?!_shared\/(sync\/|(calls|problem|schema-version|urls)\.ts))/,
    instead: "the sync knows no source and no shop: take it as an argument, as sync/source.ts does",
  },
  {
    inside: /^supabase\/functions\//,
    closed: /^(?!supabase\/functions\/)/,
    instead: "the functions are deployed without the rest of the project: move it into supabase/functions",
  },
  {
    inside: /^(?!tests\/|bench\/)/,
    closed: /^tests\//,
    instead: "what is used outside of tests is no test: move it to where it is used",
  },
];

export function crossesNoBorder({ path, text }: SourceFile): Finding[] {
  return importsOf({ path, text }).flatMap(({ line, to }) =>
    borders.filter(({ inside, closed }) => inside.test(path) && closed.test(to))
      .map(({ instead }) => ({ place: `${path}:${line}`, message: `imports ${to}, but ${instead}` }))
  );
}

/** The sync is the same for every source: it does not even name one. */
export function namesNoSource({ path, text }: SourceFile): Finding[] {
  if (!path.startsWith("supabase/functions/_shared/sync/")) return [];
  return text.split("\n").flatMap((line, index) => {
    const [word] = /gazelle|graphql|oauth|piano|client_external/i.exec(line) ?? [];
    const message = `says "${word}", but the sync knows no source: say it in the source's folder`;
    return word ? [{ place: `${path}:${index + 1}`, message }] : [];
  });
}

/** The shortest circles, of those that share a file only one: to break that is to break the others as a rule. */
export function hasNoCircles(files: SourceFile[]): Finding[] {
  const imports = new Map(files.map((file) => [file.path, importsOf(file)]));
  const circles = files.map(({ path }) => shortestCircle(path, imports)).filter((one) => one !== null);
  const told = new Set<string>();
  return circles.sort((a, b) => a.length - b.length).flatMap((circle) => {
    if (circle.some(({ from }) => told.has(from))) return [];
    for (const { from } of circle) told.add(from);
    return findingOf(circle);
  });
}

/** The imports that lead from a file back to it by the shortest way, or null. */
function shortestCircle(start: string, imports: Map<string, Import[]>): Circle | null {
  const seen = new Set<string>();
  let ways: Circle[] = [[]];
  while (ways.length > 0) {
    ways = ways.flatMap((way) => (imports.get(way.at(-1)?.to ?? start) ?? []).map((step) => [...way, step]))
      .filter((way) => !seen.has(way.at(-1)!.to) && seen.add(way.at(-1)!.to));
    const found = ways.find((way) => way.at(-1)!.to === start);
    if (found) return found;
  }
  return null;
}

type Circle = Import[];

function findingOf([begin, ...rest]: Circle): Finding {
  const back = rest.map(({ from, line }) => `${from}:${line}`).join(", ");
  return {
    place: `${begin!.from}:${begin!.line}`,
    message: `imports ${begin!.to}, which leads back here${back && ` through ${back}`}: ` +
      "move what both need into a file of its own",
  };
}

/** Of files in the project, whether types or values, at once or later; as `deno fmt` writes them. */
function importsOf({ path, text }: SourceFile): Import[] {
  const found = text.matchAll(/^(?:import|export|\} from)\b[^"\n]*"(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/gm);
  return [...found].map(({ 1: early, 2: late, index }) => ({
    from: path,
    line: text.slice(0, index).split("\n").length,
    to: posix.join(posix.dirname(path), early ?? late!),
  }));
}
