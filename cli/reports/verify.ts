import type { VerifyReport } from "../../operations/verify/report";
import { leaksText } from "./leaks";

/** What `verify` found, for people. */
export function verifyText({ stack, cloud, seconds, versions, checks, leaks }: VerifyReport): string {
  const { plugins, program = {}, nodes, kubernetes, ...rest } = versions;
  const width = Math.max(...checks.map(({ name }) => name.length));
  const count = (wanted: string): number => checks.filter(({ outcome }) => outcome === wanted).length;
  return [
    ...Object.entries({ ...rest, ...program }).map((entry) => entry.join(" ")),
    ...Object.entries(plugins).map((entry) => `plugin ${entry.join(" ")}`),
    ...(kubernetes === undefined ? [] : [`kubernetes ${kubernetes}`]),
    ...nodes.map(
      ({ count: number, machine = "node", ...node }) =>
        `${number} x ${machine}: ${[node.kubelet, node.runtime, node.system, node.kernel, node.architecture].join(", ")}`,
    ),
    "",
    ...checks.flatMap(({ name, outcome, detail, seconds: took, next }) => [
      `${outcome}  ${name.padEnd(width)}  ${String(took).padStart(4)} s  ${detail}`,
      ...next.map((command) => `        ${command}`),
    ]),
    "",
    ...(leaks === undefined ? [] : [leaksText(leaks, stack)]),
    `Stack ${stack} on ${cloud}: ${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped, in ${seconds} s.`,
  ].join("\n");
}
