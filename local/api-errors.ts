import { AsyncLocalStorage } from "node:async_hooks";

/** The parts of a database error that are sent to the caller. */
export interface DatabaseError {
  code: string;
  message: string;
  detail?: string;
  hint?: string;
}

const current = new AsyncLocalStorage<{ error: DatabaseError | null }>();

/** Runs a query, and keeps its error for the answer to the same request. */
export async function remembering<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const place = current.getStore();
    if (place !== undefined && isDatabaseError(error)) place.error = error;
    throw error;
  }
}

/** Answers with the error of the database, as PostgREST does, where the API server answers with an empty 500. */
export function withDatabaseErrors(answer: (request: Request) => Promise<Response>) {
  return (request: Request): Promise<Response> =>
    current.run({ error: null }, async () => {
      const response = await answer(request);
      const { error } = current.getStore()!;
      if (response.status !== 500 || error === null) return response;
      return replace(response, error);
    });
}

async function replace(response: Response, error: DatabaseError): Promise<Response> {
  const body = {
    code: error.code,
    message: error.message,
    details: error.detail ?? null,
    hint: error.hint ?? null,
  };
  await response.body?.cancel();
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  headers.set("content-type", "application/json; charset=utf-8");
  return new Response(JSON.stringify(body), { status: statusOf(error.code), headers });
}

function isDatabaseError(error: unknown): error is DatabaseError {
  return error instanceof Error && /^[0-9A-Z]{5}$/.test(String((error as { code?: unknown }).code));
}

/** PostgREST's HTTP statuses by the start of the SQLSTATE; the first one that matches counts. */
const statuses: [start: string, status: number][] = [
  ["08", 503],
  ["09", 500],
  ["0L", 403],
  ["0P", 403],
  ["23503", 409],
  ["23505", 409],
  ["25006", 405],
  ["25", 500],
  ["28", 403],
  ["2D", 500],
  ["38", 500],
  ["39", 500],
  ["3B", 500],
  ["40", 500],
  ["42501", 403],
  ["42883", 404],
  ["42P01", 404],
  ["42P17", 500],
  ["53400", 500],
  ["53", 503],
  ["54", 413],
  ["55", 500],
  ["57P01", 503],
  ["57", 500],
  ["58", 500],
  ["F0", 500],
  ["HV", 500],
  ["P0001", 400],
  ["P0", 500],
  ["XX", 500],
];

export function statusOf(code: string): number {
  return statuses.find(([start]) => code.startsWith(start))?.[1] ?? 400;
}
