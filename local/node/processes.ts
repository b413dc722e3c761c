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

/** The program that makes the namespaces, then the first process in them: with it all others end. */
const keepers = (place: NodeLayout): number[] => [
  ...processesOf(join(place.bin, "unshare")),
  ...processesOf(initCommand(place).join(" ")),
];

/** Ends every process of the node. @returns whether there was one */
export async function endProcesses(place: NodeLayout): Promise<boolean> {
  let ended = false;
  for (let found = keepers(place); found.length > 0; found = keepers(place)) {
    for (const pid of found) signal(pid, "SIGKILL");
    ended = true;
    await delay(50); // not the wait that Ctrl-C ends
  }
  return ended;
}

/** Not while the rest of it dies with its first process, which takes a busy machine seconds. */
export const isNodeRunning = (place: NodeLayout): boolean =>
  ["unshare", "containerd", "volume-driver", "kubelet"].every(
    (name) => processesOf(join(place.bin, name)).length > 0,
  );

/** What there is of a node on this machine outside of its folder; nothing after its end. */
export function remains(place: NodeLayout): string[] {
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
