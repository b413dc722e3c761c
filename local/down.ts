import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { isRunning, stopControlPlane } from "./control-plane";
import { ToolError } from "../lib/errors";
import { CONTROL_PLANE_TOOLS, ENGINE_TOOLS } from "./tools/pins";
import { processesOf, signal } from "../lib/processes";
import { pluginFolder } from "./tools/provider";
import { nodeLayout } from "./node/layout";
import { hasNode, stopNode } from "./node/node";
import { isNodeRunning } from "./node/processes";
import { existingStack, LOCAL, LOCAL_CONTEXT, localStack, PulumiStack } from "./stacks";
import { ensureToolchain, findToolchain } from "./tools/toolchain";
import { say } from "../lib/progress";
import { exclusively } from "./up";

/** Files of the local control plane, and files that every stack of the private backend needs. */
const CONTROL_PLANE = ["kwok", "kubeconfig", "node", "Pulumi.local.yaml"];
const SHARED = ["state", "pulumi-home", "bin", "passphrase", "Pulumi.existing.yaml"];

/** Takes down what `up` created, and leaves nothing behind. */
export async function down(): Promise<void> {
  const present = [...CONTROL_PLANE, ...SHARED].filter((name) => existsSync(join(LOCAL, name)));
  if (present.length === 0 && !isRunning({ dir: LOCAL, name: LOCAL_CONTEXT })) {
    say("Nothing is up here; nothing to do.");
    return;
  }
  if (hasNode(LOCAL) && process.getuid?.() !== 0) {
    throw new ToolError("only root can stop the real node here; nothing was changed.\n  sudo make down");
  }
  await exclusively(async () => {
    endOrphans();
    const failure = await downExisting();
    await downLocal();
    remove(CONTROL_PLANE);
    if (failure !== undefined) throw failure;
    remove(SHARED);
  });
  if (existsSync(LOCAL) && readdirSync(LOCAL).length === 0) rmdirSync(LOCAL);
  say("Down: everything is stopped, and its state is removed.");
}

/** Ends providers that outlived a killed engine. */
function endOrphans(): void {
  const provider = join(pluginFolder(join(LOCAL, "pulumi-home")), "pulumi-resource-kubernetes");
  for (const pid of processesOf(provider)) signal(pid, "SIGTERM");
}

/** On a user's cluster the state must be kept until a destroy has succeeded. The error is returned, so that the rest goes on. */
async function downExisting(): Promise<ToolError | undefined> {
  const existing = existingStack();
  if (existing === undefined) return undefined;
  say(`Destroying the stack existing on context ${existing.context} of ${existing.kubeconfig} ...`);
  const stack = new PulumiStack(existing, await ensureToolchain(ENGINE_TOOLS));
  if (!stack.exists || (await destroy(stack))) return undefined;
  return new ToolError(
    `pulumi destroy of the stack existing failed; its output is above. Its state is kept in .local, and still lists what is left on context ${existing.context}.\n` +
      `Fix the cause and repeat make down. If that cluster is gone for good: rm -r .local`,
  );
}

/** The simulation is removed in any case, however broken it is. */
async function downLocal(): Promise<void> {
  const toolchain = await findToolchain([...ENGINE_TOOLS, ...CONTROL_PLANE_TOOLS]);
  const skipped = "its objects are deleted with the control plane's data";
  if (toolchain === undefined) {
    say(`The tools are no longer in the cache: pulumi destroy of the stack local is skipped, ${skipped}.`);
  } else {
    const stack = new PulumiStack(localStack(), toolchain);
    if (stack.exists) {
      const { code } = await stack.kubectl(["get", "--raw", "/readyz"]);
      if (code !== 0) {
        say(`The control plane does not answer: pulumi destroy of the stack local is skipped, ${skipped}.`);
      } else if (hasNode(LOCAL) && !isNodeRunning(nodeLayout(LOCAL))) {
        say(
          `The node is not running, so no pod would end: pulumi destroy of the stack local is skipped, ${skipped}.`,
        );
      } else if (!(await destroy(stack))) {
        say(`pulumi destroy of the stack local failed; going on, ${skipped}.`);
      }
      if (stack.exists) await stack.forget();
    }
  }
  if (hasNode(LOCAL) && (await stopNode(LOCAL))) say("Stopped the node and everything on it.");
  const ended = await stopControlPlane({ dir: LOCAL, name: LOCAL_CONTEXT });
  if (ended > 0) say(`Stopped the control plane (${ended} processes).`);
}

/** Destroys the stack's resources, then the stack. */
async function destroy(stack: PulumiStack): Promise<boolean> {
  stack.releaseDeadLocks();
  const steps = [
    ["destroy", "--yes", "--skip-preview", "--suppress-progress"],
    // The stack file of `local` belongs to the repository.
    ["stack", "rm", stack.stack.name, "--yes", "--preserve-config"],
  ];
  for (const args of steps) {
    const { code } = await stack.pulumi(args, { output: "inherit" });
    if (code !== 0) return false;
  }
  return true;
}

function remove(names: readonly string[]): void {
  for (const name of names) rmSync(join(LOCAL, name), { recursive: true, force: true });
}
