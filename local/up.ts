import { existsSync } from "node:fs";
import { join } from "node:path";

import { type ControlPlane, startControlPlane } from "./control-plane";
import { ToolError } from "../lib/errors";
import { withLock } from "../lib/lock";
import { nodeImages } from "./node/images";
import { hasNode, obstacleMessage, startNode } from "./node/node";
import { inspectMachine } from "./node/requirements";
import { ENGINE_TOOLS, NODE_TOOLS, type Tool, TOOL_NAMES } from "./tools/pins";
import { elapsed, Progress, say } from "../lib/progress";
import { run, type RunResult } from "../lib/process";
import {
  createExistingStack,
  LOCAL,
  LOCAL_CONTEXT,
  localStack,
  PulumiStack,
  type Target,
  writeRealNodeStack,
} from "./stacks";
import { summary } from "./summary";
import { configurationFor, surveyCluster } from "./survey";
import { ensureToolchain, type Toolchain, type ToolchainOptions } from "./tools/toolchain";

export interface UpOptions extends ToolchainOptions {
  /** Kubeconfig of a cluster to use instead of a local control plane: an absolute path. */
  readonly kubeconfigFrom?: string;
  /** Context in that file. Default: its current one. */
  readonly context?: string;
  readonly namespace?: string;
  /** Real pods, with this machine as the node of the local control plane. Default: simulated ones. */
  readonly node?: "real";
}

/** Runs one at a time: two runs would write the same state. */
export const exclusively = <T>(work: () => Promise<T>): Promise<T> =>
  withLock(
    join(LOCAL, "lock"),
    ({ pid }) => say(`another make up or make down is running here (process ${pid}); waiting`),
    work,
  );

/** Brings the program up: on a local control plane, or on the cluster of a kubeconfig. */
export function up(options: UpOptions): Promise<void> {
  return exclusively(() =>
    options.kubeconfigFrom === undefined ? upLocal(options) : upExisting(options.kubeconfigFrom, options),
  );
}

async function upLocal({ node, build }: UpOptions): Promise<void> {
  const began = Date.now();
  // A control plane that was created with a real node keeps it.
  const real = hasNode(LOCAL) ? await realNode() : node === "real" ? await newRealNode() : undefined;
  const toolchain = await ensureToolchain<Tool>(TOOL_NAMES, { build });
  say("Starting the local control plane ...");
  const plane = await startControlPlane({
    dir: LOCAL,
    name: LOCAL_CONTEXT,
    toolchain,
    namespace: "ralph-orchestrator",
    ...(real === undefined ? {} : { nodes: 0 }),
  });
  const { found, server } = plane;
  say(`Local control plane ${found}: ${server}`);
  await real?.(plane, toolchain);
  const stack = new PulumiStack(localStack(), toolchain);
  if (found === "created" && stack.exists) {
    say("The control plane of the stack local no longer exists: creating the stack again.");
    await stack.forget();
  }
  await deploy(stack);
  say(await summary(stack));
  say(
    [
      real === undefined
        ? `Up in ${elapsed(began)}. Nodes, pods and disks are simulated by kwok: no container runs.`
        : `Up in ${elapsed(began)}. The pods are real, and this machine is their node; the agent is a script (smoke).`,
      `API server, scheduler, controllers and admission are real (${server}, reachable from this machine only).`,
      ``,
      `  look    eval "$(make -s env)"; kubectl get pods; pulumi stack`,
      `          or any Kubernetes tool, with the kubeconfig .local/kubeconfig`,
      `  change  edit ${localStack().configFile ?? "Pulumi.local.yaml"}, then make up`,
      `  end     make down`,
    ].join("\n"),
  );
}

type StartNode = (plane: ControlPlane, toolchain: Toolchain) => Promise<void>;

async function newRealNode(): Promise<StartNode> {
  if (existsSync(join(LOCAL, "kwok"))) {
    throw new ToolError(
      "the control plane here has simulated nodes; nothing was changed.\nRemove it, then create one with a real node: make down && make up NODE=real",
    );
  }
  const start = await realNode();
  writeRealNodeStack();
  return start;
}

/** Prepares everything slow that a node needs, before anything is started. */
async function realNode(): Promise<StartNode> {
  const machine = inspectMachine();
  if (!("programs" in machine)) throw new ToolError(obstacleMessage(machine));
  const { paths } = await ensureToolchain(NODE_TOOLS);
  const images = await nodeImages(machine, new Progress(2));
  return async (plane, toolchain) => {
    say("Starting the node ...");
    const tools = { ...toolchain, paths: { ...toolchain.paths, ...paths } };
    say(`Node ${await startNode({ dir: LOCAL, plane, machine, toolchain: tools, images })}.`);
  };
}

async function upExisting(file: string, { context, namespace, build }: UpOptions): Promise<void> {
  const began = Date.now();
  const toolchain = await ensureToolchain(ENGINE_TOOLS, { build });
  const { target, server, version } = await inspect(toolchain.paths.kubectl, file, context);
  const ask = (args: readonly string[]): Promise<RunResult> =>
    run(toolchain.paths.kubectl, ["--kubeconfig", target.kubeconfig, "--context", target.context, ...args], {
      timeout: 20_000,
    });
  const stack = await createExistingStack(toolchain, target, async () =>
    configurationFor(await surveyCluster(ask), target, namespace),
  );
  say(
    [
      `This changes an existing cluster:`,
      `  server      ${server} (Kubernetes ${version})`,
      `  context     ${target.context} of ${target.kubeconfig}`,
      `  stack file  ${stack.stack.configFile}`,
    ].join("\n"),
  );
  const byHand = `eval "$(make -s env)"; pulumi config set --path`;
  const again = `make up KUBECONFIG_FROM=${file}${context === undefined ? "" : ` CONTEXT=${context}`}`;
  say(
    [
      `Its pods are real, so they need what only you can provide:`,
      `  an image    ${byHand} ralph:image.repository <name>   (runner/ builds one)`,
      `  a key       ${byHand} --secret ralph:apiKeys.claude   (asks for the key)`,
      `If you set them later, apply them with: ${again}`,
    ].join("\n"),
  );
  await deploy(stack);
  say(await summary(stack));
  say(
    [
      `Up in ${elapsed(began)}.`,
      `  look    eval "$(make -s env)"; kubectl --context ${target.context} get pods -A; pulumi stack`,
      `  change  edit ${stack.stack.configFile}, then ${again}`,
      `  end     make down`,
    ].join("\n"),
  );
}

async function deploy(stack: PulumiStack): Promise<void> {
  await stack.select();
  stack.releaseDeadLocks();
  const { code } = await stack.pulumi(["up", "--yes", "--skip-preview", "--suppress-progress"], {
    output: "inherit",
  });
  if (code === 0) return;
  throw new ToolError(
    `pulumi up failed (exit ${code}); its output is above.\n` +
      `What was created before the failure is recorded in the stack and keeps running. Fix the cause and repeat make up, which continues from there, or remove everything with make down.`,
  );
}

/** The server of a kubeconfig's context. Fails, before anything is changed, if it does not answer. */
async function inspect(
  kubectl: string,
  kubeconfig: string,
  context: string | undefined,
): Promise<{ target: Target; server: string; version: string }> {
  const ask = async (args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(kubectl, ["--kubeconfig", kubeconfig, ...args], {
      timeout: 20_000,
    });
    if (code === 0) return stdout.trim();
    throw new ToolError(
      `cannot use ${kubeconfig}${context === undefined ? "" : `, context ${context}`}; nothing was changed.\n` +
        `${stderr.trim().replace(/^/gm, "  ")}\n` +
        `Contexts in it: kubectl --kubeconfig ${kubeconfig} config get-contexts -o name`,
    );
  };
  const name = context ?? (await ask(["config", "current-context"]));
  const server = await ask([
    "config",
    "view",
    "--minify",
    "--context",
    name,
    "-o",
    "jsonpath={.clusters[0].cluster.server}",
  ]);
  const answer = JSON.parse(await ask(["--context", name, "get", "--raw", "/version"])) as {
    gitVersion: string;
  };
  return { target: { kubeconfig, context: name }, server, version: answer.gitVersion };
}
