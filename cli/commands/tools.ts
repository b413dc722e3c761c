import { Command } from "commander";

import { BUILD, JSON_RESULT, print } from "../options";

interface Options {
  readonly build?: boolean;
  readonly ralph?: true;
  readonly json?: true;
}

/** Gets the programs that a local run needs. */
export const command = new Command("tools")
  .summary("get the tools: pulumi, its plugins, the local control plane")
  .description(
    "Makes sure that pulumi, its plugins and the programs of the local control plane are installed: downloads what is " +
      "missing, or builds it with Go. Prints where each one is.",
  )
  .option("--ralph", "Ralph's own program instead, which cargo builds where it is not installed")
  .option(...BUILD)
  .option(...JSON_RESULT)
  .action(async ({ build, ralph, json }: Options) => {
    if (ralph === true) {
      const { ensureCrate, RALPH } = await import("../../local/tools/cargo.ts");
      print({ paths: { ralph: await ensureCrate(RALPH) } }, json, ({ paths }) => paths.ralph);
      return;
    }
    const { TOOL_NAMES } = await import("../../local/tools/pins.ts");
    const { ensureToolchain } = await import("../../local/tools/toolchain.ts");
    const { paths, provider } = await ensureToolchain(TOOL_NAMES, { build });
    print({ paths, provider }, json, () =>
      [
        ...Object.entries(paths).map(([name, path]) => `${name.padEnd(28)}${path}`),
        `Kubernetes provider ${provider.version}${provider.exact ? "" : " (newest that can be built)"}`,
      ].join("\n"),
    );
  });

export const afterInterrupt = "What was downloaded or built is kept. Repeat the command to go on.";
