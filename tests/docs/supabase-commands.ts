// The commands of the Supabase CLI that docs/deploy.md names, with the flags that it may give them.

export interface Command {
  name: string;
  words: string[];
  /** True where a flag has no value. */
  flags: Record<string, string | true>;
}

interface Known {
  /** Those that take a value end with `=`; the value of one that ends with `[=]` is left out. */
  flags: string[];
  /** How many words may follow. */
  words: [least: number, most: number];
}

/** As `--help` of the real one tells it, which tests/hosted compares. `--yes` is one of all commands. */
export const known: Record<string, Known> = {
  "login": { flags: [], words: [0, 0] },
  "orgs list": { flags: [], words: [0, 0] },
  "projects create": { flags: ["org-id=", "db-password=", "region="], words: [1, 1] },
  "projects api-keys": { flags: ["reveal"], words: [0, 0] },
  "link": { flags: [], words: [1, 1] },
  "db push": { flags: ["remote[=]", "yes"], words: [0, 0] },
  "db query": { flags: ["remote[=]", "yes"], words: [0, 1] },
  "functions deploy": { flags: ["use-api"], words: [0, 99] },
  "functions delete": { flags: ["yes"], words: [1, 1] },
  "config push": { flags: ["yes"], words: [0, 0] },
  "secrets set": { flags: ["env-file="], words: [0, 99] },
  "secrets unset": { flags: ["yes"], words: [1, 99] },
};

/** @throws what is not known, so that no command of the guide goes by unplayed */
export function readCommand(args: string[]): Command {
  const name = Object.keys(known).find((name) => args.join(" ").match(new RegExp(`^${name}( |$)`)));
  if (name === undefined) throw new Error(`The stand-in does not know: supabase ${args.join(" ")}`);
  const { flags: allowed, words: [least, most] } = known[name]!;
  const command: Command = { name, words: [], flags: {} };
  const rest = args.slice(name.split(" ").length);
  while (rest.length > 0) {
    const [word = ""] = rest.splice(0, 1);
    const flag = word.replace(/^--/, "");
    if (flag === word) command.words.push(word);
    else if (allowed.includes(`${flag}=`)) command.flags[flag] = rest.shift() ?? "";
    else if (allowed.some((one) => one.replace("[=]", "") === flag)) command.flags[flag] = true;
    else throw new Error(`The stand-in's ${name} has no flag ${word}.`);
  }
  if (command.words.length >= least && command.words.length <= most) return command;
  throw new Error(`${name} takes ${least} to ${most} words, not ${command.words.join(" ")}.`);
}
