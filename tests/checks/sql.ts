import { parse } from "libpg-query";
import { isProblem } from "../../supabase/functions/_shared/problem.ts";
import { splitStatements } from "../../local/statements.ts";
import type { Finding } from "./deno.ts";
import type { SourceFile } from "./files.ts";

/**
 * The file, and in it the bodies of functions written in SQL. PL/pgSQL is parsed when a test creates the
 * function.
 */
export async function parsesAsSql({ path, text }: SourceFile): Promise<Finding[]> {
  try {
    await splitStatements(text, path);
  } catch (error) {
    if (!isProblem(error)) throw error;
    return [{ place: "", message: error.message }];
  }
  const { stmts = [] } = await parse(text) as { stmts?: { stmt: { CreateFunctionStmt?: CreateFunction } }[] };
  const functions = stmts.flatMap(({ stmt }) => stmt?.CreateFunctionStmt ?? []);
  return (await Promise.all(functions.map((one) => checkFunction(one, path)))).flat();
}

interface CreateFunction {
  funcname: { String: { sval: string } }[];
  options?: { DefElem: { defname: string; arg?: { String?: { sval: string }; List?: { items: Item[] } } } }[];
}

interface Item {
  String?: { sval: string };
}

const aim = 30;
const most = 60;

async function checkFunction({ funcname, options = [] }: CreateFunction, path: string): Promise<Finding[]> {
  const name = funcname.map(({ String }) => String.sval).join(".");
  const option = (wanted: string) => options.find(({ DefElem }) => DefElem.defname === wanted)?.DefElem.arg;
  const body = option("as")?.List?.items[0]?.String?.sval;
  if (body === undefined) return [];
  const found = tooLong(body, `${path} ${name}()`);
  if (option("language")?.String?.sval !== "sql") return found;
  const error = await parse(body).then(() => null, (reason) => reason as Error);
  return error === null ? found : [...found, { place: `${path} ${name}()`, message: error.message }];
}

function tooLong(body: string, place: string): Finding[] {
  const lines = body.trim().split("\n").length;
  if (lines <= aim) return [];
  const message = lines > most ? `${lines} lines, at most ${most}` : `${lines} lines, ${aim} to aim at`;
  return [{ place, message, warning: lines <= most }];
}

const keywords = new Set(
  `
  add alter and as array asc before begin between by case cascade check comment commit conflict
  constraint copy create cross declare default delete desc distinct do drop each else elsif end
  exception execute exists false for foreign from full function grant group having if in index inner
  insert instead into is join key language left like limit loop materialized merge new not nothing
  null of offset old on or order outer over partition perform policy primary raise references return
  returning returns revoke right role rollback row schema security select set stable table temporary
  text then to trigger true truncate type union unique update using values view volatile when where
  while with
`.trim().split(/\s+/),
);

/** Looks at code only: strings, quoted names and comments may say what they like. */
export function usesUpperCase({ path, text }: SourceFile): Finding[] {
  const bare = text.replace(
    /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"[^"]*"/g,
    (match) => match.replace(/[^\n]/g, " "),
  );
  return bare.split("\n").flatMap((line, index) => {
    const words = line.match(/\b[A-Z][A-Z_]+\b/g) ?? [];
    const found = words.filter((word) => keywords.has(word.toLowerCase()));
    return found.map((word) => ({ place: `${path}:${index + 1}`, message: `${word} in capitals` }));
  });
}
