import { setTimeout as delay } from "node:timers/promises";

/**
 * Asks again until there is an answer other than undefined or false.
 *
 * @param what what is waited for, as the failure names it
 * @param deadline milliseconds
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
