/**
 * Stand-in for `gcloud`, `aws` and `az` that lists what exists: responds from a world's inventory, in the format of
 * the real program. `index.ts <program> <folder of the world> [arguments]`. It loads nothing outside this folder: it is
 * called a dozen times in a row and must start fast.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Resource } from "../types";
import { accountCommand, ACCOUNTS } from "./account-commands";
import { refusalOf } from "./accounts";
import { aws } from "./aws";
import { az } from "./az";
import { gcloud } from "./gcloud";
import { asText, queried } from "./query";
import { option, Refused, type Respond } from "./words";

const PROGRAMS: Readonly<Record<string, Respond>> = { gcloud, aws, az };

/** What exists now, and what is still listed. */
function resourcesOf(folder: string): readonly Resource[] {
  const file = join(folder, "inventory.json");
  if (!existsSync(file)) return [];
  const { resources } = JSON.parse(readFileSync(file, "utf8")) as { resources: Resource[] };
  return resources.map((each) =>
    each.deleted === undefined || each.deleted > Date.now() ? each : { ...each, ghost: true },
  );
}

function main([program = "", folder = "", ...words]: readonly string[]): void {
  try {
    const respond = PROGRAMS[program];
    if (respond === undefined) throw new Refused(`usage: vendor ${Object.keys(PROGRAMS).join("|")} <folder>`);
    if (existsSync(join(folder, "logged-out"))) throw new Refused(`${program}: not logged in`);
    const own = accountCommand(program, words);
    const account = ACCOUNTS[program];
    const refusal =
      account === undefined || own?.open === true ? undefined : refusalOf(account, folder, process.env);
    if (refusal !== undefined) throw new Refused(refusal);
    if (own !== undefined) {
      const answer = own.run({ words, world: folder, env: process.env });
      if (answer !== undefined) console.log(typeof answer === "string" ? answer : JSON.stringify(answer));
      return;
    }
    const listed = resourcesOf(folder);
    const existing = listed.filter(({ ghost }) => ghost !== true);
    const answer = respond(words, existing, listed);
    const query = program === "aws" ? option(words, "query") : undefined;
    const asked = query === undefined ? answer : queried(answer, query);
    const text = option(words, "output") === "text" ? asText(asked) : JSON.stringify(asked);
    if (text !== "") console.log(text);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

main(process.argv.slice(2));
