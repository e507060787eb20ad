import { deepStrictEqual, strictEqual } from "node:assert";
import { buildSchema, getNamedType, type GraphQLObjectType, isObjectType } from "graphql";
import { ask, double } from "./client.ts";

const SCHEMA = new URL("../../gazelle-double/schema.graphql", import.meta.url);
const BY_ID = ["client", "piano", "contact", "event"];

Deno.test("every field of every type answers without an error", async () => {
  await using gazelle = await double({ scale: 0.2 });
  const schema = buildSchema(await Deno.readTextFile(SCHEMA));
  const query = schema.getQueryType() as GraphQLObjectType;
  const fields = Object.values(query.getFields());
  const found = fields.filter(({ name }) => !BY_ID.includes(name));
  strictEqual(found.length, fields.length - BY_ID.length);
  for (const { name, type, args } of found) {
    const page = args.length > 0 ? "(first: 20)" : "";
    const named = getNamedType(type);
    const selection = isObjectType(named) ? `{ ${everything(named, 5)} }` : "";
    const { errors } = await ask(gazelle, `{ ${name}${page} ${selection} }`);
    deepStrictEqual(errors, [], name);
  }
});

function everything(type: GraphQLObjectType, depth: number): string {
  return Object.values(type.getFields()).flatMap((field) => {
    const inner = getNamedType(field.type);
    if (!isObjectType(inner)) return [field.name];
    const deeper = depth > 1 ? everything(inner, depth - 2) : "";
    return deeper ? [`${field.name} { ${deeper} }`] : [];
  }).join(" ");
}
