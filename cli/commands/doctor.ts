import { Command } from "commander";

import { ToolError } from "../../lib/errors";
import { type Diagnosis, diagnose } from "../../operations/doctor";
import { Unreachable } from "../../operations/cluster/client";

import type * as Stacks from "../../operations/engine/stack";

interface Options {
  readonly stack?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly json?: true;
}

/** As --help of `lifecycle` has them. */
const FOUND = 2;
const UNSEEN = 3;

/** Says what is wrong with a workload, and which command mends it. */
export const command = new Command("doctor")
  .description(
    "say what is wrong with Ralph on a cluster, why, and which command mends it; reads only, and no value of a secret\n" +
      "is told. The cluster is that of a stack, or of a kubeconfig.",
  )
  .option("--stack <name>", "stack whose cluster and namespace are looked at")
  .option("--kubeconfig <file>", "kubeconfig of a cluster (default: $KUBECONFIG, ~/.kube/config)")
  .option("--context <name>", "context in it (default: its current one)")
  .option("--namespace <name>", "namespace of the workload (default: the context's, or ralph-orchestrator)")
  .option("--json", "the result as one JSON value")
  .addHelpText(
    "after",
    "\nExit codes: 0 nothing is wrong, 2 something is, 3 could not look everywhere, or at all.",
  )
  .action(async ({ stack, kubeconfig, json, ...where }: Options) => {
    try {
      const patient =
        kubeconfig === undefined && stack !== undefined ? await stackAccess(stack) : { file: kubeconfig };
      const diagnosis = await diagnose({ ...patient, ...defined(where), stack });
      console.log(json === true ? JSON.stringify(diagnosis, undefined, 2) : report(diagnosis));
      process.exitCode = diagnosis.findings.length > 0 ? FOUND : diagnosis.unseen.length > 0 ? UNSEEN : 0;
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      console.error(`error: ${error.message}\nNothing could be looked at.`);
      process.exitCode = UNSEEN;
    }
  });

/** The kubeconfig goes from the engine's state to this process alone. */
async function stackAccess(name: string): Promise<{ kubeconfig: string; namespace?: string }> {
  // The Automation API takes a second to load, and only a stack needs it.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- `import()` wants a file of JavaScript here
  const { openStack } = require("../../operations/engine/stack") as typeof Stacks;
  const outputs = await (await openStack(name)).outputs();
  const kubeconfig = outputs.kubeconfig?.value as string | undefined;
  if (kubeconfig === undefined)
    throw new ToolError(`stack ${name} has no cluster: pulumi up --stack ${name}`);
  return { kubeconfig, namespace: outputs.namespace?.value as string | undefined };
}

const defined = <T extends object>(values: T): Partial<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;

function report({ server, namespace, checks, findings, unseen }: Diagnosis): string {
  return [
    ...findings.flatMap(({ check, object, what, cause, fix }) => [
      `${check}: ${object}`,
      `  ${what}`,
      `  ${cause}`,
      ...fix.map((line) => `    ${line}`),
      "",
    ]),
    ...unseen.flatMap(({ about, reason, fix }) => [`not seen: ${about}`, `  ${reason}`, `    ${fix}`, ""]),
    `Namespace ${namespace} at ${server}: ${checks} checks, ${counted(findings.length, "finding")}${unseen.length === 0 ? "" : `, ${unseen.length} not seen`}.`,
  ].join("\n");
}

const counted = (count: number, what: string): string =>
  count === 0 ? `no ${what}` : `${count} ${what}${count === 1 ? "" : "s"}`;
