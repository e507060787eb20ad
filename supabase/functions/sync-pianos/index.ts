import { pianos } from "../_shared/gazelle/pianos.ts";
import { serve } from "../_shared/sync/serve.ts";

export default { fetch: serve(pianos, Deno.env.toObject()) };
