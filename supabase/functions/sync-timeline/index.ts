import { timeline } from "../_shared/gazelle/timeline.ts";
import { serve } from "../_shared/sync/serve.ts";

export default { fetch: serve(timeline, Deno.env.toObject()) };
