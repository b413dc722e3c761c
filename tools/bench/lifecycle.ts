import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";

import { startControlPlane } from "../control-plane";
import { pulumiEnvironment, REPOSITORY } from "../engine";
import { ToolError } from "../errors";
import { run, type RunOptions } from "../process";
import { ensureToolchain, type Toolchain } from "../toolchain";
import { type Figure, figure } from "./figures";

const NAME = "bench";
const NAMESPACE = "ralph-orchestrator";
/** What small machines and CI containers give a process. */
const HEAP_MEGABYTES = 512;

/** The local stack's configuration with so many tasks. */
const configuration = (kubeconfig: string, tasks: number) => ({
  "ralph:cloud": "existing",
  "ralph:cluster": { kubeconfig, context: NAME, storageClass: { rwo: "standard", rwx: "standard-rwx" } },
  "ralph:ingress": { enabled: true, hosts: [{ host: "ralph.example.com" }] },
  "ralph:argocd": { enabled: true, repoURL: "https://git.example.com/ralph/manifests" },
  "ralph:tasks": Array.from({ length: tasks }, (_, i) => ({ name: `task-${i + 1}`, prompt: "task.md" })),
});

/**
 * First up, preview and up without changes, and destroy on a control plane of its own, beside kubectl doing
 * the same with the rendered manifests on the same server: apply and wait, diff, apply again, delete and wait.
 */
export async function lifecycleFigures(folder: string, sizes: readonly number[]): Promise<Figure[]> {
  const dir = join(folder, "lifecycle");
  const toolchain = await ensureToolchain();
  const plane = await startControlPlane({ dir, name: NAME, toolchain });
  try {
    const figures: Figure[] = [];
    for (const tasks of sizes) figures.push(...(await measure(dir, toolchain, plane.kubeconfig, tasks)));
    return figures;
  } finally {
    await plane.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measure(
  dir: string,
  toolchain: Toolchain,
  kubeconfig: string,
  tasks: number,
): Promise<Figure[]> {
  const project = join(dir, `tasks-${tasks}`);
  const manifests = join(project, "manifests");
  const configFile = join(project, `Pulumi.${NAME}.yaml`);
  mkdirSync(project, { recursive: true });
  writeFileSync(configFile, stringify({ config: configuration(kubeconfig, tasks) }));

  const env = {
    ...pulumiEnvironment({ dir: project, toolchain, passphrase: NAME, kubeconfig }),
    PULUMI_STACK: NAME,
    PULUMI_OPTION_CONFIG_FILE: configFile,
    NODE_OPTIONS: `--max-old-space-size=${HEAP_MEGABYTES}`,
  };
  const pulumi = (...args: string[]) =>
    timed(toolchain.paths.pulumi, [...args, "--non-interactive"], { env, cwd: REPOSITORY });
  const kubectl = (...args: string[]) =>
    timed(toolchain.paths.kubectl, ["--kubeconfig", kubeconfig, ...args], { cwd: project });
  const flags = ["--yes", "--skip-preview"];

  // A stack made here would write its file beside Pulumi.yaml of the repository.
  writeFileSync(join(project, "Pulumi.yaml"), stringify({ name: "ralph", runtime: "nodejs" }));
  await timed(toolchain.paths.pulumi, ["stack", "init", NAME, "--non-interactive"], { env, cwd: project });
  const ours = {
    up: await pulumi("up", ...flags),
    preview: await pulumi("preview", "--expect-no-changes"),
    again: await pulumi("up", ...flags, "--expect-no-changes"),
    destroy: await pulumi("destroy", ...flags),
  };

  await timed("npm", ["run", "--silent", "render", "--", "--config-file", configFile, "--out", manifests], {
    cwd: REPOSITORY,
  });
  const usual = {
    up:
      (await kubectl("apply", "-f", manifests)) +
      (await kubectl("rollout", "status", "deployment/ralph-orchestrator", "-n", NAMESPACE)),
    preview: await kubectl("diff", "-f", manifests),
    again: await kubectl("apply", "-f", manifests),
    destroy: await kubectl("delete", "-f", manifests, "--wait"),
  };

  const size = tasks === 1 ? "1 task" : `${tasks} tasks`;
  return [
    figure(`first up, ${size} (kubectl apply and wait)`, "s", ours.up, usual.up),
    figure(`preview without changes, ${size} (kubectl diff)`, "s", ours.preview, usual.preview),
    figure(`up without changes, ${size} (kubectl apply)`, "s", ours.again, usual.again),
    figure(`destroy, ${size} (kubectl delete and wait)`, "s", ours.destroy, usual.destroy),
  ];
}

/** Runs a command to its end and returns its seconds. */
async function timed(command: string, args: readonly string[], options: RunOptions): Promise<number> {
  const began = process.hrtime.bigint();
  const { code, stdout, stderr } = await run(command, args, { timeout: 300_000, ...options });
  if (code !== 0)
    throw new ToolError(`${command} ${args.join(" ")} failed (exit ${code}):\n${stdout}${stderr}`);
  return Number(process.hrtime.bigint() - began) / 1e9;
}
