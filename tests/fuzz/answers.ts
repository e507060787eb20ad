// Made-up answers of Gazelle to the streams' queries: mostly as its schema has them, in any place anything.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import {
  buildSchema,
  getNamedType,
  getOperationAST,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  type SelectionSetNode,
} from "graphql";

export type Answer = { data?: unknown; errors?: unknown };

const schema = buildSchema(
  readFileSync(new URL("../../gazelle-double/schema.graphql", import.meta.url), "utf8"),
);

/** Answers to a query, as they come out of JSON. */
export function answersTo(query: string): fc.Arbitrary<Answer> {
  const { selectionSet } = getOperationAST(parse(query))!;
  const all = paths(selectionSet);
  const data = objects(schema.getQueryType()!, selectionSet, "");
  const answer = fc.record({ data: mostly(data, soundFrames), errors: errorsOf(all) });
  return mostly(answer, soundFrames).map((value) => JSON.parse(JSON.stringify(value ?? null)));
}

/** The value; now and then anything else, or null. */
function mostly<T>(value: fc.Arbitrary<T>, weight: number): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight, arbitrary: value },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  );
}

function objects(
  type: GraphQLObjectType,
  { selections }: SelectionSetNode,
  above: string,
): fc.Arbitrary<unknown> {
  const fields = selections.flatMap((selection) => {
    if (selection.kind !== "Field") return [];
    const { name: { value: name }, selectionSet } = selection;
    const { type: inner } = type.getFields()[name]!;
    return [[name, values(inner, selectionSet, `${above}.${name}`)] as const];
  });
  const all = Object.fromEntries(fields);
  return fc.oneof(
    { weight: isFrame(above) ? soundFrames : 2, arbitrary: fc.record(all) },
    { weight: 1, arbitrary: fc.record(all, { requiredKeys: [] }) },
  );
}

function values(
  type: GraphQLOutputType,
  selectionSet: SelectionSetNode | undefined,
  place: string,
): fc.Arbitrary<unknown> {
  const inner = isNonNullType(type) ? type.ofType : type;
  const weight = isFrame(place) || isListType(inner) ? soundFrames : 20;
  if (isListType(inner)) {
    const element = values(inner.ofType, selectionSet, `${place}[]`);
    return mostly(fc.array(element, { maxLength: 4 }), weight);
  }
  if (isObjectType(inner) && selectionSet) return mostly(objects(inner, selectionSet, place), weight);
  if (place.endsWith("totalCount")) return mostly(fc.nat(500), weight);
  return mostly(place.endsWith(".id") ? ids : leaves[getNamedType(inner).name] ?? names, weight);
}

const soundFrames = 100;

/** Whether this is above the records: what is wrong there fails the run, and no record is read. */
function isFrame(place: string): boolean {
  return !place.includes("[]");
}

const two = (number: number) => String(number).padStart(2, "0");

const moments = fc.oneof(
  fc.date({ noInvalidDate: true, min: new Date("0001-01-01"), max: new Date("9999-12-31") }).map((date) =>
    date.toISOString()
  ),
  fc.tuple(fc.integer({ min: 0, max: 9999 }), fc.nat(13), fc.nat(32), fc.nat(25)).map((
    [year, month, day, hour],
  ) =>
    `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T${two(hour)}:00:00${
      hour % 2 ? "Z" : "+05:30"
    }`
  ),
);

const words = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("", " ", "\0", "\ud83c", "__proto__", "null", "é".repeat(500)),
);

const ids = fc.oneof(fc.constantFrom("cli_1", "ins_1", "con_1", "evt_1", "tme_1", "usr_1"), words);
const names = fc.oneof(fc.constantFrom("ACTIVE", "CANCELED", "NO_SHOW", "Invoice", "Estimate"), words);

const leaves: Record<string, fc.Arbitrary<unknown>> = {
  Boolean: fc.boolean(),
  CoreDate: moments.map((moment) => moment.slice(0, 10)),
  CoreDateTime: moments,
  Int: fc.oneof(fc.nat(500), fc.integer(), fc.double()),
  String: fc.oneof(words, names),
};

/** Every place of the query, from the root on. */
function paths({ selections }: SelectionSetNode): string[][] {
  return selections.flatMap((selection) => {
    if (selection.kind !== "Field") return [];
    const below = selection.selectionSet ? paths(selection.selectionSet) : [];
    return [[], ...below].map((path) => [selection.name.value, ...path]);
  });
}

const lists = ["nodes", "allUsers"];

/** Errors at places in records, mostly; one that points above them fails the run. */
function errorsOf(paths: string[][]): fc.Arbitrary<unknown> {
  const inRecords = paths.filter((path) =>
    lists.some((list) => path.indexOf(list) === (list === "nodes" ? 1 : 0))
  );
  const path = fc.constantFrom(...inRecords).chain((path) =>
    fc.tuple(
      ...path.map((name) =>
        lists.includes(name) ? fc.tuple(fc.constant(name), fc.nat(3)) : fc.constant([name])
      ),
    )
  ).map((parts) => parts.flat());
  const error = fc.record({ message: words, path });
  const anyError = fc.record({ message: words, path: mostly(fc.constantFrom(...paths), 3) }, {
    requiredKeys: [],
  });
  return fc.oneof(
    { weight: 20, arbitrary: fc.constant(undefined) },
    { weight: 20, arbitrary: fc.array(error, { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.array(anyError, { maxLength: 2 }) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) },
  );
}
