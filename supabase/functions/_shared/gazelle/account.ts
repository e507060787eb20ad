// Whose records are read: the company of the credentials. It is asked for along with the first page, without a request of
// its own. A company that the credentials may not see is unknown, and no fault.

import { z } from "zod";
import type { Account } from "../sync/page.ts";
import { text } from "../sync/records.ts";
import type { Ask } from "./client.ts";

const answer = z.object({ company: z.object({ id: text, name: text.nullable() }) });

/** @returns the same, and a function that tells the company once it is known */
export function askingWhose(ask: Ask): { ask: Ask; account: () => Account | null } {
  let account: Account | null = null;
  let isAsked = false;
  return {
    account: () => account,
    async ask(document, variables) {
      if (isAsked) return await ask(document, variables);
      isAsked = true;
      const { data, errors } = await ask(withCompany(document), variables);
      account = answer.safeParse(data).data?.company ?? null;
      return { data, errors: errors.filter(({ path }) => path?.[0] !== "company") };
    },
  };
}

/** A query that asks for the company, too. */
export function withCompany(query: string): string {
  return query.replace(/\}\s*$/, "  company { id name }\n  }\n");
}
