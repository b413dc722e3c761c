import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";

import { ToolError } from "../../lib/errors";
import { run, type RunOptions, type RunResult } from "../../lib/process";
import { say } from "../../lib/progress";
import { PROJECT, REPOSITORY } from "../../lib/repository";
import { withTemporaryFolder } from "../../lib/temporary";
import { pulumiEnvironment } from "../../local/engine";
import { ENGINE_TOOLS } from "../../local/tools/pins";
import { ensureToolchain } from "../../local/tools/toolchain";
import { installStubClouds } from "../install";
import { previewable, writeConfig } from "./stack";

/**
 * Previews the creation of a stack of this repository, with stand-ins for the plugins of its cloud.
 *
 * @param options more options for `pulumi preview`, whose output goes to standard output
 * @returns the exit code of `pulumi preview`
 */
export async function preview(stack: string, options: readonly string[]): Promise<number> {
  const { config, secrets, plugins, filled } = previewable(stackFile(stack));
  const toolchain = await ensureToolchain(ENGINE_TOOLS);
  return withTemporaryFolder(async (dir) => {
    const file = join(dir, `Pulumi.${stack}.yaml`);
    const own = pulumiEnvironment({ dir, toolchain, passphrase: "preview" });
    const clouds = installStubClouds(join(dir, "pulumi-home"), { dir: join(dir, "world"), plugins });
    const env = {
      ...own,
      ...clouds.environment(own.PATH),
      PULUMI_STACK: stack,
      PULUMI_OPTION_CONFIG_FILE: file,
    };
    const pulumi = (args: readonly string[], more?: RunOptions): Promise<RunResult> =>
      run(toolchain.paths.pulumi, [...args, "--non-interactive"], { cwd: dir, env, ...more });
    const succeed = async (args: readonly string[]): Promise<void> => {
      const { code, stdout, stderr } = await pulumi(args);
      if (code !== 0) throw new ToolError(`pulumi ${args[0]} ${args[1]} failed:\n${stdout}${stderr}`);
    };

    writeFileSync(join(dir, "Pulumi.yaml"), stringify({ name: PROJECT, runtime: "nodejs" }));
    await succeed(["stack", "init", stack]);
    writeConfig(file, config);
    if (secrets.length > 0) {
      const values = secrets.flatMap((path) => ["--secret", `${path}=value-of-a-secret`]);
      await succeed(["config", "set-all", "--path", ...values]);
    }
    const { code } = await pulumi(["preview", "--color", "never", "--suppress-progress", ...options], {
      cwd: REPOSITORY,
      output: "inherit",
    });
    say(standIns(plugins, [...filled, ...secrets]));
    return code;
  });
}

function stackFile(stack: string): string {
  const file = join(REPOSITORY, `Pulumi.${stack}.yaml`);
  if (existsSync(file)) return file;
  const names = readdirSync(REPOSITORY).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
  throw new ToolError(`there is no Pulumi.${stack}.yaml; the stacks here are: ${names.join(", ")}`);
}

const standIns = (plugins: readonly string[], replaced: readonly string[]): string =>
  [
    plugins.length === 0
      ? "Previewed on the cluster of the stack's kubeconfig."
      : `Previewed on stand-ins for ${plugins.join(" and ")}: no cloud was called.`,
    ...(replaced.length > 0 ? [`Stand-in values for: ${replaced.join(", ")}`] : []),
  ].join("\n");
