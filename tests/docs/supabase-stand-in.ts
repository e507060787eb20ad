// A stand-in for the Supabase CLI and the hosted platform behind it: does on this machine what each command of
// docs/deploy.md would do there. A project is the local platform over a database of its own, with nothing in it.

import { cp, mkdir, readFile, rm } from "node:fs/promises";
import { parse } from "dotenv";
import { applyMigrations, applyPlatform } from "../../local/migrations.ts";
import { type Platform, startPlatform } from "../../local/platform.ts";
import { type TestDatabase, testDatabase } from "../fixtures/database.ts";
import { type Command, readCommand } from "./supabase-commands.ts";

export interface Account extends AsyncDisposable {
  /** Where commands are sent to: their words, and what they read. */
  address: string;
  /** Null before it is created. */
  project: Project | null;
}

export interface Project {
  ref: string;
  database: TestDatabase;
  platform: Platform;
}

export interface AccountOptions {
  /** Where the reader types: the clone's supabase folder and .env are there. */
  folder: string;
  /** Settings that functions have beside their secrets: where Gazelle is. */
  environment: Record<string, string>;
  /** What does commands of `db` in the place of the stand-in: the real CLI, where it can be had. */
  real?(args: string[], input: string, folder: string): Promise<string>;
}

type State = AccountOptions & {
  stack: AsyncDisposableStack;
  project: Project | null;
  isLoggedIn: boolean;
  isLinked: boolean;
  secrets: Record<string, string>;
};

export const ref = "abcdefghijklmnopqrst";

/** An empty account: nobody is logged in, and there is no project. */
export async function openAccount(options: AccountOptions): Promise<Account> {
  await using stack = new AsyncDisposableStack();
  const state: State = { ...options, stack, project: null, isLoggedIn: false, isLinked: false, secrets: {} };
  const server = Deno.serve({ port: 0, onListen: () => {} }, async (request) => {
    const { args, input } = await request.json() as { args: string[]; input: string };
    const answer = run(state, args, input).then((output) => ({ code: 0, output: `${output}\n` }));
    return Response.json(await answer.catch((error) => ({ code: 1, output: `${error.message}\n` })));
  });
  stack.defer(() => server.shutdown());
  const owned = state.stack = stack.move();
  return {
    address: `http://127.0.0.1:${server.addr.port}`,
    get project() {
      return state.project;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function run(state: State, args: string[], input: string): Promise<string> {
  const command = readCommand(args);
  if (command.name === "login") {
    state.isLoggedIn = true;
    return "You are now logged in.";
  }
  if (!state.isLoggedIn) {
    throw new Error("Access token not provided. Supply an access token by running login.");
  }
  if (command.name === "orgs list") return "shop-org  The shop";
  if (command.name === "projects create") return await createProject(state, command);
  if (state.project === null) throw new Error("There is no project.");
  if (command.name === "link") return link(state, command);
  if (!state.isLinked) throw new Error("Cannot find project ref. Have you run link?");
  const output = state.real && command.name.startsWith("db ")
    ? await state.real(args.map(toDatabase(state.project)), input, state.folder)
    : await onProject[command.name]!(state, state.project, command, input);
  // The hosted API learns of new tables and functions by itself, and functions of new secrets.
  if (/^(db push|secrets)/.test(command.name)) await restart(state, state.project);
  return output;
}

async function createProject(state: State, { words, flags }: Command): Promise<string> {
  if (flags["org-id"] !== "shop-org") throw new Error(`There is no organization ${flags["org-id"]}.`);
  const database = state.stack.use(await testDatabase("template0"));
  await applyPlatform(database.sql);
  await mkdir(`${state.folder}/hosted/functions`, { recursive: true });
  const platform = await serve(state, database.url, 0);
  state.project = { ref, database, platform };
  state.stack.defer(() => state.project!.platform.stop());
  return `Created a new project ${words[0]}: ${ref}`;
}

function link(state: State, { words }: Command): string {
  if (words[0] !== state.project?.ref) throw new Error(`There is no project ${words[0]}.`);
  state.isLinked = true;
  return "Finished supabase link.";
}

type Doing = (state: State, project: Project, command: Command, input: string) => Promise<string> | string;

const onProject: Record<string, Doing> = {
  "projects api-keys": (_state, { platform }, { flags }) =>
    `default  ${platform.publishableKey}\ndefault  ${flags["reveal"] ? platform.secretKey : "sb_secret_···"}`,
  "config push": async ({ folder }) => {
    const config = await readFile(`${folder}/supabase/config.toml`, "utf8");
    if (!/^enable_signup = false$/m.test(config)) throw new Error("Everybody could sign up.");
    return "Finished supabase config push.";
  },
  "db push": async ({ folder }, { database }, { flags }) => {
    refuseLocal(flags);
    const { applied } = await applyMigrations(database.sql, `${folder}/supabase/migrations`);
    return `${applied.join("\n")}\nFinished supabase db push.`;
  },
  "db query": async (_state, { database }, { words, flags }, input) => {
    refuseLocal(flags);
    // One statement alone, as the real one has it.
    const rows = await database.sql.unsafe(words[0] ?? input, [], { prepare: true });
    return JSON.stringify(rows);
  },
  "functions deploy": async ({ folder }, _project, { words }) => {
    if (words.length > 0) throw new Error("The stand-in deploys them all.");
    await cp(`${folder}/supabase/functions`, `${folder}/hosted/functions`, { recursive: true });
    return "Deployed Functions.";
  },
  "functions delete": async ({ folder }, _project, { words }) => {
    await rm(`${folder}/hosted/functions/${words[0]}`, { recursive: true });
    return `Deleted Function ${words[0]}.`;
  },
  "secrets set": async (state, _project, { words, flags }) => {
    const file = flags["env-file"];
    const text = typeof file === "string" ? await readFile(`${state.folder}/${file}`, "utf8") : "";
    Object.assign(state.secrets, parse(`${text}\n${words.join("\n")}`));
    return "Finished supabase secrets set.";
  },
  "secrets unset": (state, _project, { words }) => {
    for (const name of words) {
      if (!(name in state.secrets)) throw new Error(`There is no secret ${name}.`);
      delete state.secrets[name];
    }
    return "Finished supabase secrets unset.";
  },
};

/** The linked project is a database on this machine. */
const toDatabase = ({ database }: Project) => (word: string) =>
  word === "--remote" ? `--remote=${database.url}` : word;

/** Without --remote, the real one means its own local stack. */
function refuseLocal(flags: Command["flags"]): void {
  if (!flags["remote"]) {
    throw new Error("Target: local stack. It is not running; --remote means the project.");
  }
}

async function restart(state: State, project: Project): Promise<void> {
  const port = Number(new URL(project.platform.url).port);
  await project.platform.stop();
  // The real CLI keeps the comments before a statement, which the local platform would take for a change.
  await project.database.sql`update supabase_migrations.schema_migrations set statements = null`.catch(
    () => {},
  );
  project.platform = await serve(state, project.database.url, port);
}

async function serve({ folder, environment, secrets, project }: State, url: string, port: number) {
  await mkdir(`${folder}/hosted/nothing`, { recursive: true });
  return await startPlatform({
    folder: `${folder}/hosted/platform`,
    ports: { api: port, database: 0 },
    databaseUrl: url,
    // What was pushed is known; nothing else is applied.
    migrations: project === null ? `${folder}/hosted/nothing` : `${folder}/supabase/migrations`,
    functions: `${folder}/hosted/functions`,
    secrets: {},
    environment: { ...environment, ...secrets },
  });
}
