import { appointments } from "../_shared/gazelle/appointments.ts";
import { serve } from "../_shared/sync/serve.ts";

export default { fetch: serve(appointments, Deno.env.toObject()) };
