import { messageOf } from "../supabase/functions/_shared/problem.ts";

export interface GatewayOptions {
  api(request: Request): Promise<Response>;
  /** Where the functions' process listens. */
  functionsUrl: string;
}

/** One address for everything, with the hosted platform's paths. */
export function createGateway({ api, functionsUrl }: GatewayOptions) {
  return async (request: Request): Promise<Response> => {
    const { pathname, search } = new URL(request.url);
    if (/^\/(rest|auth)\/v1(\/|$)/.test(pathname)) return await api(request);
    const [, rest] = /^\/functions\/v1(\/.*)$/.exec(pathname) ?? [];
    if (rest !== undefined) return await forward(request, `${functionsUrl}${rest}${search}`);
    return Response.json({ code: "NOT_FOUND", message: `Nothing is served under ${pathname}` }, {
      status: 404,
    });
  };
}

/**
 * The request and the answer as they are; the function behind decides about keys and CORS, as when
 * deployed.
 */
async function forward(request: Request, url: string): Promise<Response> {
  const headers = new Headers(request.headers);
  // This hop stays uncompressed: what fetch unpacked could not be passed on with its own headers.
  headers.set("accept-encoding", "identity");
  try {
    const { method, body } = request;
    const answer = await fetch(url, { method, headers, body, redirect: "manual" });
    return new Response(answer.body, { status: answer.status, headers: answer.headers });
  } catch (error) {
    console.error(`${request.method} ${url}: ${messageOf(error)}`);
    const message = "The functions' process does not answer (please check logs)";
    return Response.json({ code: "SERVICE_UNAVAILABLE", message }, { status: 503 });
  }
}
