// The options in the body of a request.

import { z } from "zod";
import { problem } from "../problem.ts";
import { parseJson } from "./requests.ts";

/**
 * An empty body means no options. The type must be strict: to ignore a misspelt option could do harm, such as a dry
 * run that writes.
 * @param wrong message and hint of the error
 * @throws request_invalid, with one line of details for each mistake
 */
export async function readOptions<T>(
  request: Request,
  type: z.ZodType<T>,
  wrong: { message: string; hint: string },
): Promise<T> {
  const text = (await request.text()).trim();
  const options = type.safeParse(text === "" ? {} : parseJson(text) ?? text);
  if (options.success) return options.data;
  throw problem("request_invalid", wrong.message, {
    details: z.prettifyError(options.error),
    hint: wrong.hint,
  });
}
