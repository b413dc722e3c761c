import { REPOSITORY } from "../../lib/repository";
import { pulumi } from "../engine/command";
import type { EphemeralRecord } from "./record";
import { committed, derive, fileOf, prepare, write } from "./stack-file";

/**
 * Writes the file of an ephemeral stack, which is the same on every machine that has this repository.
 *
 * @returns environment variables that make every command of the engine read that file
 */
export async function configure(
  stack: string,
  { cloud, expires, owner, set = {} }: EphemeralRecord,
  { say }: { readonly say: (text: string) => void },
): Promise<Readonly<Record<string, string>>> {
  const file = derive(committed(cloud), cloud, { expires, owner });
  prepare(stack);
  write(stack, file);
  for (const path of file.lost)
    say(`${path} of Pulumi.${cloud}.yaml can only be decrypted by its own stack: ${stack} does not get it.`);
  const variables = { PULUMI_OPTION_CONFIG_FILE: fileOf(stack) };
  const values = Object.entries(set).map(([key, value]) => `${key}=${value}`);
  if (values.length === 0) return variables;
  const words = values.flatMap((each) => ["--plaintext", each]);
  await pulumi(["config", "set-all", "--path", ...words, "--stack", stack], {
    cwd: REPOSITORY,
    env: variables,
  });
  return variables;
}
