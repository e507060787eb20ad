import { answer } from "../_shared/answer.ts";
import { pianos } from "../_shared/pianos.ts";
import { serve } from "../_shared/serve.ts";

export default {
  fetch: serve((request, dependencies) => answer(pianos, request, dependencies), Deno.env.toObject()),
};
