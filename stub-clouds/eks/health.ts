import { request } from "node:https";
import { setTimeout as delay } from "node:timers/promises";

/** What the real component waits for: https://github.com/pulumi/pulumi-eks/blob/v4.3.0/nodejs/eks/cluster/cluster.ts */
const ATTEMPTS = 60;
const PAUSE = 5_000;
const TIMEOUT = 1_000;

/**
 * Waits until an API server is healthy, and no longer than five minutes: without an error, so that whatever needs the
 * server next fails.
 *
 * @param timeScale duration of one second of the real cloud, in seconds
 */
export async function waitUntilHealthy(endpoint: string, timeScale: number): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS && !(await isHealthy(endpoint)); attempt++)
    await delay(PAUSE * timeScale);
}

const isHealthy = (endpoint: string): Promise<boolean> =>
  new Promise((resolve) => {
    const sent = request(
      `${endpoint}/healthz`,
      { rejectUnauthorized: false, timeout: TIMEOUT, agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    sent.on("timeout", () => sent.destroy());
    sent.on("error", () => resolve(false));
    sent.on("close", () => resolve(false));
    sent.end();
  });
