import type { V1Node } from "@kubernetes/client-node";

import { version } from "../../package.json";
import { run } from "../../lib/process";
import { type ClusterClient, Refusal } from "../cluster/client";
import type { Resource } from "../engine/state";

/** Milliseconds that a program may take to print its version. */
const PATIENCE = 30_000;

export interface Versions {
  readonly ralphctl: string;
  readonly node: string;
  readonly pulumi: string;
  /** Of the provider plugins that the stack's state names, by package. */
  readonly plugins: Readonly<Record<string, string>>;
  /** What the vendor's program prints, by its name. */
  readonly program?: Readonly<Record<string, string>>;
  /** Of the API server. */
  readonly kubernetes?: string;
  /** Nodes that are alike, counted. */
  readonly nodes: readonly (NodeVersions & { readonly count: number })[];
}

interface NodeVersions {
  readonly kubelet: string;
  readonly runtime: string;
  readonly system: string;
  readonly kernel: string;
  readonly architecture: string;
  readonly machine?: string;
}

/** Versions of what a stack consists of, without what its cluster tells. */
export async function toolVersions(
  resources: readonly Resource[],
  program: string | undefined,
): Promise<Omit<Versions, "kubernetes">> {
  return {
    ralphctl: version,
    node: process.version,
    pulumi: await printed("pulumi", ["version"]),
    plugins: pluginVersions(resources),
    ...(program === undefined ? {} : { program: { [program]: await printed(program, ["--version"]) } }),
    nodes: [],
  };
}

/** The versions that providers have in a state. */
export const pluginVersions = (resources: readonly Resource[]): Record<string, string> =>
  Object.fromEntries(
    resources
      .filter(({ type }) => type.startsWith("pulumi:providers:"))
      .map(({ type, inputs, outputs }) => [
        type.split(":")[2] ?? "",
        String(outputs?.version ?? inputs?.version ?? "not recorded"),
      ])
      .sort(),
  );

export async function clusterVersions(
  client: ClusterClient,
  nodes: readonly V1Node[],
): Promise<Pick<Versions, "kubernetes" | "nodes">> {
  try {
    const { gitVersion } = await client.get<{ gitVersion: string }>("/version");
    return { kubernetes: gitVersion, nodes: nodeVersions(nodes) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { nodes: nodeVersions(nodes) };
  }
}

export function nodeVersions(nodes: readonly V1Node[]): Versions["nodes"] {
  const counts = new Map<string, number>();
  for (const { status, metadata } of nodes) {
    const info = status?.nodeInfo;
    const machine = metadata?.labels?.["node.kubernetes.io/instance-type"];
    const alike: NodeVersions = {
      kubelet: info?.kubeletVersion ?? "",
      runtime: info?.containerRuntimeVersion ?? "",
      system: info?.osImage ?? "",
      kernel: info?.kernelVersion ?? "",
      architecture: info?.architecture ?? "",
      ...(machine === undefined ? {} : { machine }),
    };
    const key = JSON.stringify(alike);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => ({ count, ...(JSON.parse(key) as NodeVersions) }));
}

/** The first line of what a program prints as its version. */
async function printed(program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, { timeout: PATIENCE });
  if (code === 127) return "not on PATH";
  const [first = ""] = (stdout.trim() === "" ? stderr : stdout).trim().split("\n");
  return code === 0 ? first.trim() : `does not answer (exit ${code})`;
}
