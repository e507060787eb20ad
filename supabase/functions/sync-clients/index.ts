import { clients } from "../_shared/gazelle/clients.ts";
import { serve } from "../_shared/sync/serve.ts";

export default { fetch: serve(clients, Deno.env.toObject()) };
