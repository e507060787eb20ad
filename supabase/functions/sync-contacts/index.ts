import { answer } from "../_shared/answer.ts";
import { contacts } from "../_shared/contacts.ts";
import { serve } from "../_shared/serve.ts";

export default {
  fetch: serve((request, dependencies) => answer(contacts, request, dependencies), Deno.env.toObject()),
};
