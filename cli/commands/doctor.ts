import { Command } from "commander";

import { clusterAccess, clusterOptions, type ClusterOptions } from "../cluster";
import { doctorExitCode, EXIT } from "../exit-codes";
import { print } from "../options";
import { diagnosisText } from "../reports/diagnosis";

/** Finds out what is wrong with a workload, and which command fixes it. */
export const command = clusterOptions(
  new Command("doctor")
    .summary("find out what is wrong with Ralph on a cluster, and which command fixes it")
    .description(
      "Reports what is wrong with Ralph on a cluster, why, and which command fixes it. It only reads, and prints no value " +
        "of a Secret. The cluster is that of a stack, or of a kubeconfig.",
    ),
  "stack whose cluster and namespace are examined",
).action(async ({ json, ...options }: ClusterOptions) => {
  const { diagnose } = await import("../../operations/doctor/index.ts");
  const { Unreachable } = await import("../../operations/cluster/client.ts");
  try {
    const diagnosis = await diagnose(await clusterAccess(options));
    print(diagnosis, json, diagnosisText);
    process.exitCode = doctorExitCode(diagnosis);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    console.error(`error: ${error.message}\nNothing could be examined.`);
    process.exitCode = EXIT.unseen;
  }
});
