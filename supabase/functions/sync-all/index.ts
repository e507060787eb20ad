import { sources } from "../_shared/sources.ts";
import { serveAll } from "../_shared/sync/serve.ts";

export default { fetch: serveAll(sources, Deno.env.toObject()) };
