import {
  buildSchema,
  type GraphQLEnumType,
  GraphQLError,
  type GraphQLFieldResolver,
  GraphQLScalarType,
  type GraphQLSchema,
  isEnumType,
  isObjectType,
  specifiedRules,
  type ValidationRule,
} from "graphql";
import { readField } from "./field-errors.ts";

export type Resolvers<Context> = Record<string, Record<string, GraphQLFieldResolver<never, Context>>>;

/** Gazelle's schema with the resolvers of the double. It refuses the queries that Gazelle would refuse. */
export function buildGazelleSchema<Context>(resolvers: Resolvers<Context>): GraphQLSchema {
  const schema = buildSchema(Deno.readTextFileSync(new URL("./schema.graphql", import.meta.url)));
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith("__")) continue;
    if (isEnumType(type)) letUnknownValuesOut(type);
    if (type instanceof GraphQLScalarType && type.name in FORMATS) checkInput(type);
  }
  for (const [typeName, fields] of Object.entries(resolvers)) {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) throw new Error(`The schema has no type ${typeName}.`);
    for (const [name, resolve] of Object.entries(fields)) {
      const field = type.getFields()[name];
      if (!field) throw new Error(`The schema's ${typeName} has no field ${name}.`);
      field.resolve = (source, args, context, info) =>
        readField(source, name, () => resolve(source as never, args, context, info));
    }
  }
  return schema;
}

/** Answers may have values that the enum does not list, as when Gazelle adds some. Arguments may not. */
function letUnknownValuesOut(type: GraphQLEnumType): void {
  type.serialize = (value: unknown) => String(value);
}

const FORMATS: Record<string, { pattern: RegExp; form: string }> = {
  CoreDate: { pattern: /^\d{4}-\d{2}-\d{2}$/, form: "YYYY-MM-DD" },
  CoreDateTime: { pattern: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/, form: "YYYY-MM-DDTHH:MM:SSZ" },
};

function checkInput(type: GraphQLScalarType): void {
  const { pattern, form } = FORMATS[type.name] as { pattern: RegExp; form: string };
  type.parseValue = (value: unknown) => {
    if (typeof value === "string" && pattern.test(value) && !Number.isNaN(Date.parse(value))) return value;
    throw new GraphQLError(`${type.name} cannot represent ${JSON.stringify(value)}: write ${form}`);
  };
  type.parseLiteral = (node) => type.parseValue("value" in node ? node.value : undefined);
}

/** The rules of graphql-js. An unknown field gives the same message as in Gazelle. */
export const RULES: readonly ValidationRule[] = [
  ...specifiedRules.filter((rule) => rule.name !== "FieldsOnCorrectTypeRule"),
  (context) => ({
    Field(node) {
      const type = context.getParentType();
      if (!type || context.getFieldDef()) return;
      context.reportError(
        new GraphQLError(`Field '${node.name.value}' doesn't exist on type '${type.name}'`, {
          nodes: node,
          extensions: { code: "undefinedField", typeName: type.name, fieldName: node.name.value },
        }),
      );
    },
  }),
];
