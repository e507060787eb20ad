import { answer } from "../_shared/answer.ts";
import { users } from "../_shared/users.ts";
import { serve } from "../_shared/serve.ts";

export default {
  fetch: serve((request, dependencies) => answer(users, request, dependencies), Deno.env.toObject()),
};
