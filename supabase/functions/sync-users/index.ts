import { users } from "../_shared/gazelle/users.ts";
import { serve } from "../_shared/sync/serve.ts";

export default { fetch: serve(users, Deno.env.toObject()) };
