import { join } from "node:path";

import type { ControlPlane } from "../local/control-plane";
import { REPOSITORY } from "../lib/repository";
import type { Toolchain } from "../local/tools/toolchain";
import { type Figure, figure, median } from "./figures";
import { NAME, Project, timed } from "./project";

const NAMESPACE = "ralph-orchestrator";

/** The local stack's configuration with this number of tasks. */
const configuration = (kubeconfig: string, tasks: number) => ({
  "ralph:cloud": "existing",
  "ralph:cluster": { kubeconfig, context: NAME, storageClass: { rwo: "standard", rwx: "standard-rwx" } },
  "ralph:ingress": { enabled: true, hosts: [{ host: "ralph.example.com" }] },
  "ralph:argocd": { enabled: true, repoURL: "https://git.example.com/ralph/manifests" },
  "ralph:tasks": Array.from({ length: tasks }, (_, i) => ({ name: `task-${i + 1}`, prompt: "task.md" })),
});

/** Seconds of an operation that changes nothing: the median of three runs. */
const repeated = async (measure: () => Promise<number>): Promise<number> =>
  median([await measure(), await measure(), await measure()]);

/**
 * First up, preview and up without changes, and destroy, compared with the same by kubectl, with the rendered
 * manifests on the same server: apply and wait, diff, apply again, delete and wait.
 */
export async function lifecycleFigures(
  folder: string,
  toolchain: Toolchain,
  { kubeconfig }: ControlPlane,
  tasks: number,
): Promise<Figure[]> {
  const dir = join(folder, `tasks-${tasks}`);
  const manifests = join(dir, "manifests");
  const { pulumi, configFile } = await Project.create(dir, toolchain, configuration(kubeconfig, tasks));
  const kubectl = (...args: string[]) =>
    timed(toolchain.paths.kubectl, ["--kubeconfig", kubeconfig, ...args], { cwd: dir });
  const flags = ["--yes", "--skip-preview"];
  // Compare idle stacks: a hundred pods that start and end use a third of two processors.
  const waitUntilIdle = () =>
    kubectl("wait", "job", "--all", "-n", NAMESPACE, "--for=condition=Complete", "--timeout=4m");

  const up = await pulumi("up", ...flags);
  await waitUntilIdle();
  const ours = {
    up,
    preview: await repeated(() => pulumi("preview", "--expect-no-changes")),
    again: await repeated(() => pulumi("up", ...flags, "--expect-no-changes")),
    destroy: await pulumi("destroy", ...flags),
  };

  const render = ["render", "--config-file", configFile, "--out", manifests];
  await timed(join(REPOSITORY, "ralphctl"), render, { cwd: REPOSITORY });
  // kubectl does not read subfolders, and the namespace must exist first.
  const files = ["-f", manifests, "-f", join(manifests, "argocd")];
  const applied =
    (await kubectl("apply", ...files)) +
    (await kubectl("rollout", "status", "deployment/ralph-orchestrator", "-n", NAMESPACE));
  await waitUntilIdle();
  const usual = {
    up: applied,
    preview: await repeated(() => kubectl("diff", ...files)),
    again: await repeated(() => kubectl("apply", ...files)),
    destroy: await kubectl("delete", ...files, "--wait"),
  };

  const size = tasks === 1 ? "1 task" : `${tasks} tasks`;
  return [
    figure(`first up, ${size} (kubectl apply and wait)`, "s", ours.up, usual.up),
    figure(`preview without changes, ${size} (kubectl diff)`, "s", ours.preview, usual.preview),
    figure(`up without changes, ${size} (kubectl apply)`, "s", ours.again, usual.again),
    figure(`destroy, ${size} (kubectl delete and wait)`, "s", ours.destroy, usual.destroy),
  ];
}
