// The process that listens on the platform's port: gateway, REST and Auth.
import { openApi } from "./api.ts";
import { runChild } from "./run-child.ts";
import { createGateway } from "./gateway.ts";
import type { Keys } from "./keys.ts";

export interface ApiSettings {
  port: number;
  databaseUrl: string;
  keys: Keys;
  schemas: string[];
  functionsUrl: string;
}

if (import.meta.main) await runChild(startApi);

async function startApi({ port, functionsUrl, ...options }: ApiSettings) {
  const api = await openApi(options);
  const gateway = createGateway({ api: api.fetch, functionsUrl });
  const server = Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, gateway);
  return {
    report: { port: server.addr.port },
    async stop() {
      await server.shutdown();
      await api.close();
    },
  };
}
