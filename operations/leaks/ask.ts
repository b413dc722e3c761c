import type { Answer, VendorProgram } from "../../clusters/operations";
import { run } from "../../lib/process";
import type { Unseen } from "../unseen";

/** Milliseconds that a vendor's program may take. */
const PATIENCE = 120_000;

export const isUnseen = (answer: unknown): answer is Unseen =>
  typeof answer === "object" && answer !== null && "fix" in answer && "reason" in answer;

/**
 * Asks a vendor's program one question.
 *
 * @returns its JSON; undefined if it prints what means "none"; `Unseen` if it cannot answer
 */
export async function askProgram(
  { about, none }: { readonly about: string; readonly none?: RegExp },
  [program = "", ...args]: readonly string[],
  { install, logIn }: VendorProgram,
): Promise<Answer> {
  const { code, stdout, stderr } = await run(program, args, { timeout: PATIENCE });
  const unseen = (reason: string, fix: string): Unseen => ({ about, reason, fix });
  if (code === 127) return unseen(`${program} is not on PATH`, install);
  if (code === 124) return unseen(`${program} does not answer`, logIn);
  if (code !== 0) {
    if (none?.test(stderr) === true) return undefined;
    return unseen(stderr.trim().split("\n").at(-1) ?? `${program} fails (exit ${code})`, logIn);
  }
  try {
    return JSON.parse(stdout.trim() === "" ? "[]" : stdout) as Answer;
  } catch {
    return unseen(`${program} does not answer with JSON`, install);
  }
}
