import { type Answer, operationsOf, type VendorProgram } from "../../clusters/operations";
import { run, type RunResult } from "../../lib/process";
import type { Unseen } from "../unseen";
import { type Asker, variablesOf } from "./login";

/** Milliseconds that a vendor's program may take. */
const PATIENCE = 120_000;

export const isUnseen = (answer: unknown): answer is Unseen =>
  typeof answer === "object" && answer !== null && "fix" in answer && "reason" in answer;

/**
 * Asks a cloud one question by its vendor's program, with the identity of the stack's provider.
 *
 * @returns its JSON; undefined if it prints what means "none"; `Unseen` if it cannot answer
 */
export async function askProgram(
  { about, none }: { readonly about: string; readonly none?: RegExp },
  words: readonly string[],
  asker: Asker,
): Promise<Answer> {
  const answer = await runProgram(words, asker, PATIENCE);
  if ("reason" in answer) return { about, ...answer } satisfies Unseen;
  if (answer.code !== 0 && none?.test(answer.stderr) === true) return undefined;
  const { install, logIn } = programOf(asker);
  const unseen = (reason: string, fix: string): Unseen => ({ about, reason, fix });
  const [program = ""] = words;
  const { code, stdout, stderr } = answer;
  if (code === 127) return unseen(`${program} is not on PATH`, install);
  if (code === 124) return unseen(`${program} does not answer`, logIn);
  if (code !== 0) return unseen(stderr.trim().split("\n").at(-1) ?? `${program} fails (exit ${code})`, logIn);
  try {
    return JSON.parse(stdout.trim() === "" ? "[]" : stdout) as Answer;
  } catch {
    return unseen(`${program} does not answer with JSON`, install);
  }
}

/** Runs a vendor's program with the identity of the stack's provider; why not if that cannot be had. */
export async function runProgram(
  [program = "", ...args]: readonly string[],
  asker: Asker,
  timeout: number,
): Promise<RunResult | Omit<Unseen, "about">> {
  const variables = await variablesOf(asker);
  return "reason" in variables
    ? variables
    : run(program, args, { timeout, env: { ...process.env, ...variables.added } });
}

function programOf({ cloud }: Asker): VendorProgram {
  const operations = operationsOf(cloud);
  if (!operations.ownsCluster) throw new Error(`${cloud} has no vendor's program`);
  return operations.program;
}
