import { type Login, operationsOf, type Place } from "../../clusters/operations";
import type { Variables } from "../../clusters/program";
import { run } from "../../lib/process";
import type { Unseen } from "../unseen";

/** Who asks a cloud: the stack, with the configuration of its provider. */
export type Asker = Pick<Place, "cloud" | "provider" | "stack">;

/** The variables that give a vendor's program its identity, or why it cannot have it. */
type LoggedIn = { readonly added: Variables } | Omit<Unseen, "about">;

/** Milliseconds that a step may take. */
const PATIENCE = 60_000;

/** Milliseconds. A role that another role has assumed lasts an hour at most. */
const VALID = 15 * 60_000;

const logins = new Map<string, { readonly until: number; readonly result: Promise<LoggedIn> }>();

/** What is added to the environment of a vendor's program, so that it asks as the stack's provider does. */
export function variablesOf({ cloud, provider, stack }: Asker): Promise<LoggedIn> {
  const login = loginOf({ cloud, provider, stack });
  if (login === undefined) return Promise.resolve({ added: {} });
  const key = JSON.stringify([cloud, provider]);
  const known = logins.get(key);
  if (known !== undefined && Date.now() < known.until) return known.result;
  const result = logIn(login).then((answer) => {
    if ("reason" in answer) logins.delete(key); // the user may have fixed the cause by the next question
    return answer;
  });
  logins.set(key, { until: Date.now() + VALID, result });
  return result;
}

/** What comes before the commands of a report, so that a shell runs them with the same identity. */
export const shellLogin = (asker: Asker): readonly string[] => loginOf(asker)?.commands ?? [];

function loginOf({ cloud, ...asker }: Asker): Login | undefined {
  const operations = operationsOf(cloud);
  return operations.ownsCluster ? operations.login?.(asker) : undefined;
}

async function logIn({ variables, steps, impossible }: Login): Promise<LoggedIn> {
  if (impossible !== undefined) return impossible;
  let added = variables;
  for (const { ask, then, fix } of steps) {
    const [program = "", ...args] = ask;
    const env = { ...process.env, ...added };
    const { code, stdout, stderr } = await run(program, args, { timeout: PATIENCE, env });
    if (code !== 0)
      return { reason: stderr.trim().split("\n").at(-1) ?? `${program} fails (exit ${code})`, fix };
    const more = then(stdout);
    if ("reason" in more) return more;
    added = { ...added, ...more.variables };
  }
  return { added };
}
