import { messageOf } from "../supabase/functions/_shared/problem.ts";

export interface GatewayOptions {
  api(request: Request): Promise<Response>;
  /** The address of the process that runs the functions. */
  functionsUrl: string;
}

/** Serves everything at one address, under the paths of the hosted platform. */
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
 * Passes request and answer on unchanged. As on the hosted platform, the function itself checks keys and
 * handles CORS.
 */
async function forward(request: Request, url: string): Promise<Response> {
  const headers = new Headers(request.headers);
  // No compression here: fetch would unpack the body and keep the headers that say it is packed.
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
