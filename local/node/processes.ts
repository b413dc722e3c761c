import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { commandLines, processesOf, signal } from "../../lib/processes";
import type { NodeLayout } from "./layout";
import { addressRules, interfaceOf } from "./machine-state";

export const INIT = join(__dirname, "init.sh");
const SHELL = "/bin/bash";

/** Command line of the node's first process, behind `unshare`. */
export const initCommand = (place: NodeLayout): string[] => [SHELL, INIT, place.dir];

/** The program that creates the namespaces, and the first process in them: all others end with it. */
const initProcesses = (place: NodeLayout): number[] => [
  ...processesOf(join(place.bin, "unshare")),
  ...processesOf(initCommand(place).join(" ")),
];

/** Ends every process of the node. @returns whether there was one */
export async function endProcesses(place: NodeLayout): Promise<boolean> {
  let ended = false;
  for (let found = initProcesses(place); found.length > 0; found = initProcesses(place)) {
    for (const pid of found) signal(pid, "SIGKILL");
    ended = true;
    await delay(50); // not `pause`, which Ctrl-C ends
  }
  return ended;
}

/** False while the node still shuts down after its first process has ended, which can take seconds. */
export const isNodeRunning = (place: NodeLayout): boolean =>
  ["unshare", "containerd", "volume-driver", "kubelet"].every(
    (name) => processesOf(join(place.bin, name)).length > 0,
  );

/** Processes, mounts, interfaces and NAT rules of a node on this machine; none after it has ended. */
export function leftovers(place: NodeLayout): string[] {
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
  return [
    ...commandLines()
      .filter(
        ({ command }) => command.includes(`${place.dir}/`) || command.includes(initCommand(place).join(" ")),
      )
      .map(({ pid, command }) => `process ${pid} ${command}`),
    ...mounts.filter((line) => line.includes(` ${place.dir}/`)).map((line) => `mount ${line}`),
    ...(existsSync(interfaceOf(place)) ? [`interface ${place.network}`] : []),
    ...addressRules(place.network).map((rule) => `rule ${rule}`),
  ];
}
