import { answerAll } from "../_shared/answer-all.ts";
import { serve } from "../_shared/serve.ts";
import { streams } from "../_shared/streams.ts";

export default {
  fetch: serve((request, dependencies) => answerAll(streams, request, dependencies), Deno.env.toObject()),
};
