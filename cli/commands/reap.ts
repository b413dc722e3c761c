import { Command } from "commander";

import { say } from "../../lib/progress";
import { reapExitCode } from "../exit-codes";
import { GONE, JSON_RESULT, print } from "../options";
import { reapText } from "../reports/reap";

interface Options {
  readonly cloud?: string;
  readonly yes?: true;
  readonly gone?: string[];
  readonly json?: true;
}

/** Deletes expired ephemeral stacks. */
export const command = new Command("reap")
  .summary("delete expired ephemeral stacks")
  .description(
    "Deletes the expired ephemeral stacks of this backend, and lists what deleted stacks have left in their clouds. " +
      "Without --yes it only reports. It never deletes a stack that is protected, locked, or not certainly ephemeral.",
  )
  .option("--cloud <name>", "only stacks on this cloud, which then is the only login needed (default: all)")
  .option("--yes", "delete them")
  .option(...GONE)
  .option(...JSON_RESULT)
  .action(async ({ cloud, yes, gone, json }: Options) => {
    const { cloudNamed } = await import("../../operations/ephemeral/stack-file.ts");
    const { reap } = await import("../../operations/ephemeral/reap.ts");
    const report = await reap({
      cloud: cloud === undefined ? undefined : cloudNamed(cloud),
      yes: yes === true,
      gone,
      say,
    });
    print(report, json, reapText);
    if (yes !== true && report.stacks.some(({ outcome }) => outcome === "reap"))
      say("Nothing was changed; with --yes they are deleted.");
    process.exitCode = reapExitCode(report);
  });

export const afterInterrupt = "What was done so far is recorded. Repeat the command to go on.";
