import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { commandLines, processesOf, signal } from "../../lib/processes";
import type { NodeLayout } from "./layout";
import { addressRules, interfaceOf } from "./machine-state";

export const INIT = join(__dirname, "init.sh");
const SHELL = "/bin/bash";

/** Command line of the node's first process, behind `unshare`. */
export const initCommand = (layout: NodeLayout): string[] => [SHELL, INIT, layout.dir];

/** The program that creates the namespaces, and the first process in them: all others end with it. */
const initProcesses = (layout: NodeLayout): number[] => [
  ...processesOf(join(layout.bin, "unshare")),
  ...processesOf(initCommand(layout).join(" ")),
];

/** Ends every process of the node. @returns whether there was one */
export async function endProcesses(layout: NodeLayout): Promise<boolean> {
  let ended = false;
  for (let found = initProcesses(layout); found.length > 0; found = initProcesses(layout)) {
    for (const pid of found) signal(pid, "SIGKILL");
    ended = true;
    await delay(50); // not `pause`, which Ctrl-C ends
  }
  return ended;
}

/** False while the node still shuts down after its first process has ended, which can take seconds. */
export const isNodeRunning = (layout: NodeLayout): boolean =>
  ["unshare", "containerd", "volume-driver", "kubelet"].every(
    (name) => processesOf(join(layout.bin, name)).length > 0,
  );

/** Processes, mounts, interfaces and NAT rules of a node on this machine; none after it has ended. */
export function leftovers(layout: NodeLayout): string[] {
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
  return [
    ...commandLines()
      .filter(
        ({ command }) =>
          command.includes(`${layout.dir}/`) || command.includes(initCommand(layout).join(" ")),
      )
      .map(({ pid, command }) => `process ${pid} ${command}`),
    ...mounts.filter((line) => line.includes(` ${layout.dir}/`)).map((line) => `mount ${line}`),
    ...(existsSync(interfaceOf(layout)) ? [`interface ${layout.network}`] : []),
    ...addressRules(layout.network).map((rule) => `rule ${rule}`),
  ];
}
