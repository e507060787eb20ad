import {
  type DocumentNode,
  type ExecutionResult,
  getArgumentValues,
  getOperationAST,
  type GraphQLError,
  type GraphQLSchema,
  parse,
  type SelectionNode,
  validate,
} from "graphql";
import { createHandler } from "graphql-http";
import type { GazelleContext } from "./connections.ts";
import type { Visit } from "./faults.ts";
import { pageNumber } from "./paging.ts";
import { RULES } from "./schema.ts";

export interface Operation {
  name: string | null;
  variables: string[];
  visits: RootField[];
}

/** A root field of the request, under the name that the answer gives it. */
export interface RootField extends Visit {
  responseKey: string;
}

export interface GraphqlEngine {
  /** What a request asks for, or null if its body cannot be read, which the answer will report. */
  inspect(body: string): Operation | null;
  answer(request: Request, body: string, context: GazelleContext, finish: Finish): Promise<Response>;
}

export type Finish = (result: ExecutionResult) => ExecutionResult;

/** GraphQL over HTTP as Gazelle does it: an answer with errors of the query has status 200. */
export function createEngine(schema: GraphQLSchema): GraphqlEngine {
  const documents = new Map<string, DocumentNode>();
  const verdicts = new WeakMap<DocumentNode, readonly GraphQLError[]>();
  const read = (query: string) => remember(documents, query, () => parse(query));
  const judge = (document: DocumentNode) => {
    const known = verdicts.get(document) ?? validate(schema, document, RULES);
    verdicts.set(document, known);
    return known;
  };
  const handler = createHandler<Finish, GazelleContext, GazelleContext & Record<PropertyKey, unknown>>({
    schema,
    parse: (source) => read(typeof source === "string" ? source : source.body),
    validate: (_schema, document) => judge(document),
    context: (request) => ({ ...request.context }),
    onOperation: (request, _arguments, result) => "data" in result ? request.raw(result) : undefined,
  });
  return {
    inspect: (body) => inspect(schema, body, read, judge),
    async answer(request, body, context, finish) {
      const headers = new Headers(request.headers);
      headers.set("accept", "application/json");
      const [text, init] = await handler({
        method: request.method,
        url: request.url,
        headers,
        body,
        raw: finish,
        context,
      });
      return new Response(text, init);
    },
  };
}

function remember(
  documents: Map<string, DocumentNode>,
  query: string,
  make: () => DocumentNode,
): DocumentNode {
  const known = documents.get(query);
  if (known) return known;
  if (documents.size >= 100) documents.clear();
  const document = make();
  documents.set(query, document);
  return document;
}

function inspect(
  schema: GraphQLSchema,
  body: string,
  read: (query: string) => DocumentNode,
  judge: (document: DocumentNode) => readonly GraphQLError[],
): Operation | null {
  try {
    const { query, variables, operationName } = JSON.parse(body);
    const document = read(query);
    const operation = getOperationAST(document, operationName);
    if (!operation || judge(document).length > 0) return null;
    return {
      name: operation.name?.value ?? null,
      variables: Object.keys(variables ?? {}),
      visits: rootFields(schema, document, operation.selectionSet.selections, variables ?? {}),
    };
  } catch {
    return null;
  }
}

function rootFields(
  schema: GraphQLSchema,
  document: DocumentNode,
  selections: readonly SelectionNode[],
  variables: Record<string, unknown>,
): RootField[] {
  return selections.flatMap((selection) => {
    if (selection.kind === "InlineFragment") {
      return rootFields(schema, document, selection.selectionSet.selections, variables);
    }
    if (selection.kind === "FragmentSpread") {
      const fragment = document.definitions.find((definition) =>
        definition.kind === "FragmentDefinition" && definition.name.value === selection.name.value
      );
      const inner = fragment && "selectionSet" in fragment ? fragment.selectionSet?.selections ?? [] : [];
      return rootFields(schema, document, inner, variables);
    }
    const definition = schema.getQueryType()?.getFields()[selection.name.value];
    if (!definition) return [];
    const values = getArgumentValues(definition, selection, variables);
    const responseKey = selection.alias?.value ?? selection.name.value;
    return [{ field: selection.name.value, page: pageNumber(values), responseKey }];
  });
}
