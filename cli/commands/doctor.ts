import { Command } from "commander";

import { doctorExitCode, EXIT } from "../exit-codes";
import { fromHere, JSON_RESULT, print } from "../options";
import { diagnosisText } from "../reports/diagnosis";

interface Options {
  readonly stack?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly json?: true;
}

/** Finds out what is wrong with a workload, and which command fixes it. */
export const command = new Command("doctor")
  .summary("find out what is wrong with Ralph on a cluster, and which command fixes it")
  .description(
    "Reports what is wrong with Ralph on a cluster, why, and which command fixes it. It only reads, and prints no value " +
      "of a Secret. The cluster is that of a stack, or of a kubeconfig.",
  )
  .option("--stack <name>", "stack whose cluster and namespace are examined")
  .option("--kubeconfig <file>", "kubeconfig of a cluster (default: $KUBECONFIG, ~/.kube/config)")
  .option("--context <name>", "context in it (default: its current one)")
  .option("--namespace <name>", "namespace of the workload (default: the context's, or ralph-orchestrator)")
  .option(...JSON_RESULT)
  .action(async ({ stack, kubeconfig, json, ...where }: Options) => {
    const { diagnose } = await import("../../operations/doctor/index.ts");
    const { stackAccess } = await import("../../operations/doctor/stack-access.ts");
    const { Unreachable } = await import("../../operations/cluster/client.ts");
    try {
      const access =
        kubeconfig === undefined && stack !== undefined
          ? await stackAccess(stack)
          : { file: kubeconfig && fromHere(kubeconfig) };
      const diagnosis = await diagnose({ ...access, ...defined(where), stack });
      print(diagnosis, json, diagnosisText);
      process.exitCode = doctorExitCode(diagnosis);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      console.error(`error: ${error.message}\nNothing could be examined.`);
      process.exitCode = EXIT.unseen;
    }
  });

const defined = <T extends object>(values: T): Partial<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
