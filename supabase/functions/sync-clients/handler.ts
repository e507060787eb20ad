import { answer, type Dependencies } from "../_shared/answer.ts";
import { clients } from "../_shared/clients.ts";

/** Runs the stream of clients once; see _shared/answer.ts for what is answered. */
export function handle(request: Request, dependencies: Dependencies): Promise<Response> {
  return answer(clients, request, dependencies);
}
