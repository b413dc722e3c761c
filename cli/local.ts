import { Command, Option } from "commander";

import { ensureCrate, RALPH } from "../local/tools/cargo";
import { down } from "../local/down";
import { main } from "../lib/main";
import { shellEnvironment } from "../local/shell-env";
import { ensureToolchain } from "../local/tools/toolchain";
import { up, type UpOptions } from "../local/up";

const program = new Command("ralph")
  .description("Runs Ralph's Pulumi program on a local control plane or on a cluster of yours.")
  .showHelpAfterError();

program
  .command("up")
  .description("bring everything up; repeat it after a change or a failure")
  .option("--kubeconfig-from <file>", "use the cluster of this kubeconfig instead of a local control plane")
  .option("--context <name>", "context in that file (default: its current one)")
  .option("--namespace <name>", "namespace of the workload, when the stack is made")
  .addOption(
    new Option("--node <kind>", "real: pods run, on this machine (Linux, as root)").choices(["real"]),
  )
  .action((options: UpOptions) => up(options));

program
  .command("down")
  .description("take everything down that up brought up, and remove its state")
  .action(down);

program
  .command("env")
  .description('print the environment of the stack: eval "$(make -s env)"')
  .action(async () => console.log(await shellEnvironment()));

program
  .command("tools")
  .description("make sure that all tools are there, building what is missing")
  .action(async () => {
    const { paths, provider } = await ensureToolchain();
    for (const [name, path] of Object.entries(paths)) console.log(`${name.padEnd(28)}${path}`);
    console.log(
      `Kubernetes provider ${provider.version}${provider.exact ? "" : " (newest that can be built)"}`,
    );
  });

program
  .command("ralph")
  .description(
    "make sure of Ralph's own program, built by cargo where it is not installed, and say where it is",
  )
  .action(async () => console.log(await ensureCrate(RALPH)));

/** What state things are in after Ctrl-C, by command. */
const AFTER_INTERRUPT: Readonly<Record<string, string>> = {
  up: "What was made so far is recorded and keeps running. make up goes on from there, make down removes it.",
  down: "What was not yet removed is still recorded. make down goes on from there.",
  tools: "What was built is kept. Repeat the command to go on.",
  ralph: "What was compiled is kept. Repeat the command to go on.",
};

void main(program, () => AFTER_INTERRUPT[process.argv[2] ?? ""] ?? "");
