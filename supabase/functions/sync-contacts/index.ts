import { contacts } from "../_shared/gazelle/contacts.ts";
import { serve } from "../_shared/sync/serve.ts";

export default { fetch: serve(contacts, Deno.env.toObject()) };
