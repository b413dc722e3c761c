import { setTimeout as delay } from "node:timers/promises";

/**
 * Polls until the answer is neither undefined nor false.
 *
 * @param what the condition, for the error message @param deadline milliseconds
 */
export async function until<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  deadline = 30_000,
): Promise<T> {
  for (const end = Date.now() + deadline; ; await delay(50)) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw new Error(`not within ${deadline / 1000} s: ${what}`);
  }
}
