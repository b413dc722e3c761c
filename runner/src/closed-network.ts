import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

import type { Log } from "./log";

/** Milliseconds: for one attempt, and between two. */
const TIMING = { attempt: 2_000, pause: 500 };

/**
 * Waits until an address that the network policy closes cannot be reached. Some data planes let a new pod reach
 * everything until they have applied its policies, one or two seconds on EKS
 * (https://github.com/aws/aws-network-policy-agent/issues/345), and an agent must not start before.
 *
 * @param address `<address>:<port>`; undefined: nothing is waited for
 * @returns false if the signal came first
 */
export async function networkClosed(
  address: string | undefined,
  log: Log,
  signal: AbortSignal,
  timing = TIMING,
): Promise<boolean> {
  if (address === undefined) return !signal.aborted;
  for (let logged = false; !signal.aborted; logged = true) {
    if (!(await reachable(address, timing.attempt))) return true;
    if (!logged) log("waiting until the network policy closes the network", { open: address });
    await delay(timing.pause, undefined, { signal }).catch(() => undefined);
  }
  return false;
}

function reachable(address: string, timeout: number): Promise<boolean> {
  const [, host = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), timeout });
    const end = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => end(true)).once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}
