import { Command, Option } from "commander";

import type { UpOptions } from "../../local/up";
import { BUILD, fromHere } from "../options";

/** Creates or updates the local stack. */
export const command = new Command("up")
  .summary("create or update Ralph on a local control plane, or on a cluster of yours")
  .description(
    "Creates or updates everything on a private control plane on this machine, or on the cluster of a kubeconfig. " +
      "Repeat it after a change or a failure.",
  )
  .option("--kubeconfig-from <file>", "use the cluster of this kubeconfig instead of a local control plane")
  .option("--context <name>", "context in that file (default: its current one)")
  .option("--namespace <name>", "namespace of the workload, when the stack is created")
  .addOption(
    new Option("--node <kind>", "real: containers run, on this machine (Linux, as root)").choices(["real"]),
  )
  .option(...BUILD)
  .action(async ({ kubeconfigFrom, ...options }: UpOptions) => {
    const { up } = await import("../../local/up.ts");
    await up({ kubeconfigFrom: kubeconfigFrom && fromHere(kubeconfigFrom), ...options });
  });

export const afterInterrupt =
  "What was created so far is recorded and keeps running. `make up` goes on from there, `make down` removes it.";
