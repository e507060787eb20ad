import { type GazelleDouble, startGazelleDouble } from "../../gazelle-double/server.ts";
import type { DoubleOptions } from "../../gazelle-double/server.ts";

/** A double on a free port that stops at the end of the test. */
export async function double(
  options: Partial<DoubleOptions> = {},
): Promise<GazelleDouble & AsyncDisposable> {
  const server = await startGazelleDouble({ port: 0, ...options });
  return { ...server, [Symbol.asyncDispose]: server.stop };
}

export interface GraphqlAnswer<Data> {
  status: number;
  data: Data;
  errors: { message: string; path?: (string | number)[]; extensions?: Record<string, unknown> }[];
}

export interface Connection<Row> {
  totalCount: number;
  nodes: Row[];
  edges: { cursor: string; node: Row }[];
  pageInfo: Record<"hasNextPage" | "hasPreviousPage", boolean> & Record<"startCursor" | "endCursor", string>;
}

/** Most answers are one list; others say their shape. */
type Lists = Record<string, Connection<Row>>;
export interface Row {
  id: string;
  tags: string[];
  status: string;
  client: { id: string };
  [field: string]: unknown;
}

export async function post(
  { url, accessToken, signal }: { url: string; accessToken: string; signal?: AbortSignal },
  query: string,
  variables: Record<string, unknown> = {},
  headers: Record<string, string> = { authorization: `Bearer ${accessToken}` },
): Promise<Response> {
  return await fetch(url, {
    method: "POST",
    signal,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
}

export async function ask<Data = Lists>(
  server: { url: string; accessToken: string },
  query: string,
  variables: Record<string, unknown> = {},
): Promise<GraphqlAnswer<Data>> {
  const response = await post(server, query, variables);
  const { data, errors = [] } = await response.json();
  return { status: response.status, data, errors };
}

/** Every record of a list, read page by page, with what each page said. */
export async function readAll<Record = Row>(
  server: { url: string; accessToken: string },
  field: string,
  selection = "id",
  { size = 500, args = "" } = {},
): Promise<{ records: Record[]; totals: Set<number>; pages: number }> {
  const records: Record[] = [];
  const totals = new Set<number>();
  let after: string | null = null;
  for (let pages = 1;; pages++) {
    const query: string = `query Read($first: Int, $after: String) {
      ${field}(first: $first, after: $after${args}) {
        totalCount nodes { ${selection} } pageInfo { hasNextPage endCursor }
      }
    }`;
    const answer: GraphqlAnswer<{ [field: string]: Connection<Record> } | undefined> = await ask(
      server,
      query,
      {
        first: size,
        after,
      },
    );
    const page: Connection<Record> | undefined = answer.data?.[field];
    if (!page) throw new Error(answer.errors[0]?.message ?? `No ${field} in the answer.`);
    records.push(...page.nodes);
    totals.add(page.totalCount);
    if (!page.pageInfo.hasNextPage) return { records, totals, pages };
    after = page.pageInfo.endCursor;
  }
}
