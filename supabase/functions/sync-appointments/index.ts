import { answer } from "../_shared/answer.ts";
import { appointments } from "../_shared/appointments.ts";
import { serve } from "../_shared/serve.ts";

export default {
  fetch: serve((request, dependencies) => answer(appointments, request, dependencies), Deno.env.toObject()),
};
