import { answer, type Dependencies } from "../_shared/answer.ts";
import { pianos } from "../_shared/pianos.ts";

/** Runs the stream of pianos once; see _shared/answer.ts for what is answered. */
export function handle(request: Request, dependencies: Dependencies): Promise<Response> {
  return answer(pianos, request, dependencies);
}
