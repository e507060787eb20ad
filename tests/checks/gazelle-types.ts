// The streams' queries against Gazelle's schema, and the types of their answers, written from the two.
import { readFile, writeFile } from "node:fs/promises";
import {
  buildSchema,
  getNamedType,
  getOperationAST,
  type GraphQLEnumType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  type SelectionSetNode,
  validate,
} from "graphql";
import { streams } from "../../supabase/functions/_shared/gazelle/index.ts";
import { type Check, type Finding, formatted } from "./deno.ts";

const schemaFile = new URL("../../gazelle-double/schema.graphql", import.meta.url);
const path = "supabase/functions/_shared/gazelle/types.ts";
const file = new URL(`../../${path}`, import.meta.url);

/** What in the queries the schema does not have, at its line of the query. */
export async function queriesFitTheSchema(given: Asking[] = streams): Promise<Check> {
  const schema = buildSchema(await readFile(schemaFile, "utf8"));
  const findings = given.flatMap(({ name, queries }) =>
    queries.flatMap((query) =>
      validate(schema, parse(query)).map(({ message, locations }): Finding => ({
        place: `query of ${name}, line ${locations?.[0]?.line}`,
        message,
      }))
    )
  );
  return { findings, output: "" };
}

type Asking = { name: string; queries: string[] };

/** @param write puts the committed file right where it is not */
export async function typesAreGenerated(write: boolean): Promise<Check> {
  const nothing = { findings: [], output: "" };
  // A query that does not fit is the other check's finding.
  if ((await queriesFitTheSchema()).findings.length > 0) return nothing;
  const schema = buildSchema(await readFile(schemaFile, "utf8"));
  const wanted = await formatted(typesOf(schema, streams.flatMap(({ queries }) => queries)));
  const stands = await readFile(file, "utf8").catch(() => "");
  if (write && stands !== wanted) await writeFile(file, wanted);
  if (write || stands === wanted) return nothing;
  const message = "is not what schema and queries give: npm run check -- --write";
  return { findings: [{ place: path, message }], output: "" };
}

export function typesOf(schema: GraphQLSchema, queries: string[]): string {
  const enums = new Map<string, GraphQLEnumType>();
  const answers = queries.map((query) => {
    const operation = getOperationAST(parse(query))!;
    const fields = objectType(schema.getQueryType()!, operation.selectionSet, enums);
    return `export type ${operation.name!.value} = ${fields};`;
  });
  const values = [...enums.values()].map((one) =>
    `export type ${one.name} = Known<${one.getValues().map(({ name }) => `"${name}"`).join(" | ")}>;`
  );
  return [
    "// The answers to the streams' queries, generated from Gazelle's schema. `npm run check -- --write` renews it.",
    "/** A value of an enum, or one that Gazelle added since. */\n" +
    "export type Known<Values extends string> = Values | (string & Record<never, never>);",
    ...values.sort(),
    ...answers,
  ].join("\n\n") + "\n";
}

type Enums = Map<string, GraphQLEnumType>;

/** An object that is written on one line. */
const short = 60;

function objectType(type: GraphQLObjectType, { selections }: SelectionSetNode, enums: Enums): string {
  const fields = selections.map((selection) => {
    if (selection.kind !== "Field") throw new Error(`Fragments have no types yet: ${selection.kind}`);
    const { name: { value: name }, alias, selectionSet } = selection;
    const field = type.getFields()[name];
    if (!field) throw new Error(`${type.name} has no field ${name}`);
    return `${alias?.value ?? name}: ${typeOf(field.type, selectionSet, enums)};`;
  });
  const line = `{ ${fields.join(" ")} }`;
  return line.length <= short && !line.includes("\n") ? line : `{\n${fields.join("\n")}\n}`;
}

function typeOf(type: GraphQLOutputType, selections: SelectionSetNode | undefined, enums: Enums): string {
  if (!isNonNullType(type)) return `${requiredTypeOf(type, selections, enums)} | null`;
  return requiredTypeOf(type.ofType, selections, enums);
}

function requiredTypeOf(
  type: GraphQLOutputType,
  selections: SelectionSetNode | undefined,
  enums: Enums,
): string {
  if (isListType(type)) return `Array<${typeOf(type.ofType, selections, enums)}>`;
  if (isObjectType(type) && selections) return objectType(type, selections, enums);
  const { name } = getNamedType(type);
  if (!isEnumType(type)) return scalars[name] ?? "unknown";
  enums.set(name, type);
  return name;
}

const scalars: Record<string, string> = {
  Boolean: "boolean",
  CoreDate: "string",
  CoreDateTime: "string",
  Float: "number",
  ID: "string",
  Int: "number",
  String: "string",
};
