import { answer } from "../_shared/answer.ts";
import { clients } from "../_shared/clients.ts";
import { serve } from "../_shared/serve.ts";

export default {
  fetch: serve((request, dependencies) => answer(clients, request, dependencies), Deno.env.toObject()),
};
