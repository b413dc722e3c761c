import { Command } from "commander";

import { say } from "../../lib/progress";
import { clusterAccess, clusterOptions, type ClusterOptions } from "../cluster";
import { EXIT, restoreExitCode } from "../exit-codes";
import { print } from "../options";
import { restoreText } from "../reports/restore";

interface Options extends ClusterOptions {
  readonly from?: string;
  readonly drill?: true;
}

/** Restores the workspace from a snapshot, or tries whether it could be. */
export const command = clusterOptions(
  new Command("restore")
    .summary("list the snapshots of the workspace, restore one, or try it in a drill")
    .description(
      "Lists the snapshots that backups have taken, or makes a claim from one and compares every file with the hashes that " +
        "were written with it. A restore stops the workers and prints the commands that put the claim to use; the old one " +
        "stays until then. A drill deletes everything again, and reports how long a restore takes.",
    )
    .option("--from <snapshot>", "snapshot to restore; with --drill, to try (default: the newest)")
    .option("--drill", "only try, and leave nothing behind"),
  "stack whose workspace is restored",
).action(async ({ from, drill, json, ...options }: Options) => {
  const { restore } = await import("../../operations/restore/index.ts");
  const { Unreachable } = await import("../../operations/cluster/client.ts");
  try {
    const report = await restore({ ...(await clusterAccess(options)), from, drill: drill === true, say });
    print(report, json, restoreText);
    process.exitCode = restoreExitCode(report);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    console.error(`error: ${error.message}\nNothing was restored.`);
    process.exitCode = EXIT.unseen;
  }
});

export const afterInterrupt =
  "What was created so far is deleted; the workers and their volume are as before.";
