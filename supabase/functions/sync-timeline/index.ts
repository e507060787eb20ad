import { answer } from "../_shared/answer.ts";
import { timeline } from "../_shared/timeline.ts";
import { serve } from "../_shared/serve.ts";

export default {
  fetch: serve((request, dependencies) => answer(timeline, request, dependencies), Deno.env.toObject()),
};
