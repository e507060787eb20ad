import type { PostgresConnection } from "@supabase/lite/postgres";

type Kysely = PostgresConnection["kysely"];
type Vars = {
  auth?: { uid?: string; role?: string; jwt?: unknown };
  storage?: { operation?: string | null };
};
type Rpc = { method: string; path: string; requestHeaders?: Record<string, string> };

/**
 * Sets what a request sets in its transaction, with two statements. The library would send ten and wait for each;
 * PostgREST sends one.
 */
export const settingsAtOnce = {
  applyJwtSessionContext: (transaction: Kysely, { auth, storage }: Vars): Promise<void> => {
    const role = auth?.role || "anon";
    return set(transaction, {
      role,
      "request.jwt.claim.sub": String(auth?.uid ?? ""),
      "request.jwt.claim.role": role,
      "storage.operation": String(storage?.operation ?? ""),
      ...auth?.jwt && typeof auth.jwt === "object" ? { "request.jwt.claims": JSON.stringify(auth.jwt) } : {},
    });
  },
  applyRpcRequestGucs: (transaction: Kysely, { method, path, requestHeaders }: Rpc): Promise<void> =>
    set(transaction, {
      "response.status": "",
      "response.headers": "",
      "request.method": method,
      "request.path": path,
      "request.headers": JSON.stringify(requestHeaders ?? {}),
    }),
};

async function set(transaction: Kysely, settings: Record<string, string>): Promise<void> {
  await transaction.selectNoFrom((build) =>
    Object.entries(settings).map(([name, value]) =>
      build.fn("set_config", [build.val(name), build.val(value), build.lit(true)]).as(name)
    )
  ).execute();
}
