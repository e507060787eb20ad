import { setTimeout as wait } from "node:timers/promises";
import { Hono } from "hono";
import { answerOf, failure, json } from "./answers.ts";
import { IN_PLACE_OF_AN_ANSWER, IN_THE_ANSWER, takeFaults } from "./faults.ts";
import { breakRecords } from "./broken-records.ts";
import { carryOutDue, createGazelle, type Gazelle, type GazelleOptions } from "./gazelle.ts";
import { type LogEntry, record, takeOrder } from "./gazelle.ts";
import { control } from "./control.ts";
import { type Answer, authorize, type Credentials, grant, isAuthorized } from "./oauth.ts";
import type { Operation, RootField } from "./graphql.ts";
import type { Fault, FaultOrder, FieldErrorFault, MalformedRecordFault } from "./orders.ts";

export interface DoubleOptions extends GazelleOptions {
  /** 0 means any free port. */
  port: number;
  /** The latency of each GraphQL request, in milliseconds. */
  delayMs?: number;
  log?: (entry: LogEntry) => void;
}

export interface GazelleDouble extends Credentials {
  /** The GraphQL endpoint. */
  url: string;
  tokenUrl: string;
  authorizeUrl: string;
  /** The address below which faults, log and reset are. */
  controlUrl: string;
  port: number;
  shop: Gazelle["shop"];
  /** Orders a fault or a change. Returns the id of a new record. Throws if the order is wrong. */
  order(fault: FaultOrder): string | null;
  stop(): Promise<void>;
}

/** A server that stands in for Gazelle: its schema, its OAuth, a whole shop, and faults to order. */
export async function startGazelleDouble(options: DoubleOptions): Promise<GazelleDouble> {
  const gazelle = createGazelle(options);
  const stopping = new AbortController();
  const app = routes({ gazelle, delayMs: options.delayMs ?? 0, log: options.log, stopping: stopping.signal });
  const listening = Promise.withResolvers<void>();
  const address = { hostname: "127.0.0.1", port: options.port };
  const server = Deno.serve({ ...address, onListen: () => listening.resolve() }, app.fetch);
  await listening.promise;
  const origin = `http://127.0.0.1:${server.addr.port}`;
  return {
    ...gazelle.oauth.credentials,
    url: `${origin}/graphql/private/`,
    tokenUrl: `${origin}/developer/oauth/token`,
    authorizeUrl: `${origin}/developer/oauth/authorize`,
    controlUrl: `${origin}/double`,
    port: server.addr.port,
    shop: gazelle.shop,
    order(fault) {
      const outcome = takeOrder(gazelle, fault);
      if ("refusal" in outcome) throw new Error(Object.values(outcome.refusal).filter(Boolean).join("\n"));
      return "id" in outcome ? outcome.id : null;
    },
    async stop() {
      stopping.abort();
      await server.shutdown();
    },
  };
}

interface Desk {
  gazelle: Gazelle;
  delayMs: number;
  log?: (entry: LogEntry) => void;
  stopping: AbortSignal;
}

function routes(desk: Desk): Hono {
  const { gazelle } = desk;
  const app = new Hono();
  for (const path of ["/graphql/private", "/graphql/private/"]) {
    app.post(path, (context) => graphql(desk, context.req.raw));
  }
  app.get("/developer/oauth/authorize", (context) => consent(desk, context.req.raw));
  app.post("/developer/oauth/token", (context) => token(desk, context.req.raw));
  app.route("/double", control(gazelle));
  app.notFound((context) => failure(404, `There is nothing at ${context.req.path}`));
  return app;
}

async function graphql(desk: Desk, request: Request): Promise<Response> {
  const { gazelle } = desk;
  const body = await request.text();
  const operation = gazelle.engine.inspect(body);
  const visits = visitsOf(operation);
  await delay(desk);
  carryOutDue(gazelle, visits);
  const [fault] = takeFaults(gazelle.queue, IN_PLACE_OF_AN_ANSWER, visits, 1);
  const early = fault ? await answerOf(fault, { request, stopping: desk.stopping }) : null;
  const answer = early ?? await honestAnswer(desk, request, body, operation);
  note(desk, request, operation, answer.status, fault);
  return answer;
}

/** A request that cannot be read visits no field, but gets the faults that are ordered for no field. */
function visitsOf(operation: Operation | null): RootField[] {
  return operation?.visits ?? [{ field: "", page: null, responseKey: "" }];
}

async function honestAnswer(
  { gazelle }: Desk,
  request: Request,
  body: string,
  operation: Operation | null,
): Promise<Response> {
  if (!isAuthorized(gazelle.oauth, request.headers)) return failure(401, "Unauthorized");
  const visits = visitsOf(operation);
  const faults = takeFaults(gazelle.queue, IN_THE_ANSWER, visits);
  const subset = faults.find((fault) => fault.kind === "subset");
  const context = {
    overlay: gazelle.overlay,
    share: subset?.share ?? null,
    fieldErrors: faults.filter((fault): fault is FieldErrorFault => fault.kind === "field_error"),
  };
  const broken = faults.filter((fault): fault is MalformedRecordFault => fault.kind === "malformed_record");
  return await gazelle.engine.answer(
    request,
    body,
    context,
    (result) => breakRecords(result, visits, broken),
  );
}

function consent(desk: Desk, request: Request): Response {
  const { queue, oauth } = desk.gazelle;
  const visits = [{ field: "authorize", page: null }];
  const isDenied = () => takeFaults(queue, ["access_denied"], visits, 1).length > 0;
  const outcome = authorize(oauth, new URL(request.url).searchParams, isDenied);
  const answer = "status" in outcome
    ? answerOfGrant(outcome)
    : new Response(null, { status: 302, headers: { location: outcome.location } });
  note(desk, request, null, answer.status);
  return answer;
}

async function token(desk: Desk, request: Request): Promise<Response> {
  const { queue, oauth } = desk.gazelle;
  const form = await formOf(request);
  const visits = [{ field: "token", page: null }];
  carryOutDue(desk.gazelle, visits);
  const [fault] = takeFaults(queue, IN_PLACE_OF_AN_ANSWER, visits, 1);
  const early = fault ? await answerOf(fault, { request, stopping: desk.stopping }) : null;
  const withoutRefreshToken = () => takeFaults(queue, ["no_refresh_token"], visits, 1).length > 0;
  const answer = early ?? answerOfGrant(grant(oauth, form, request.headers, withoutRefreshToken));
  note(desk, request, null, answer.status, fault);
  return answer;
}

function answerOfGrant({ status, body }: Answer): Response {
  return json(JSON.stringify(body), status);
}

/** The fields of a token request: a form, or JSON, which Rails accepts too. */
async function formOf(request: Request): Promise<URLSearchParams> {
  const text = await request.text();
  if (!request.headers.get("content-type")?.includes("json")) return new URLSearchParams(text);
  try {
    return new URLSearchParams(JSON.parse(text));
  } catch {
    return new URLSearchParams();
  }
}

function note(
  desk: Desk,
  request: Request,
  operation: Operation | null,
  status: number,
  fault?: Fault,
): void {
  const entry = record(desk.gazelle, {
    path: new URL(request.url).pathname,
    operation: operation?.name ?? null,
    fields: operation?.visits.map(({ field }) => field) ?? [],
    pages: operation?.visits.map(({ page }) => page) ?? [],
    variables: operation?.variables ?? [],
    status,
    fault: fault?.kind ?? null,
  });
  desk.log?.(entry);
}

async function delay({ delayMs, stopping }: Desk): Promise<void> {
  if (delayMs > 0) await wait(delayMs, undefined, { signal: stopping }).catch(() => undefined);
}
