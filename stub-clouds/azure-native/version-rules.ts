import type { Context, Values } from "../types";
import { refusedIf } from "./common";
import { AGENT_POOL, CLUSTER } from "./tokens";

/** The minor version of a stack that configures none: AKS's default. */
export const DEFAULT_MINOR = 35;

const minorOf = (version: unknown): number =>
  version === undefined ? DEFAULT_MINOR : Number(String(version).split(".")[1]);

/** https://learn.microsoft.com/azure/aks/upgrade-aks-cluster: one minor version at a time, and none back */
const step = (what: string, before: number, after: number): string[] => [
  ...refusedIf(
    after > before + 1,
    `OperationNotAllowed: Upgrading Kubernetes version 1.${before} to 1.${after} of ${what} is not allowed. ` +
      "Skipping multiple versions is not supported.",
  ),
  ...refusedIf(
    after < before,
    `OperationNotAllowed: Downgrading Kubernetes version of ${what} from 1.${before} to 1.${after} is not supported.`,
  ),
];

/** A change of the cluster's version, with that of the pool in the same request. */
export function upgradeRules(inputs: Values, { find, all }: Context): string[] {
  const old = find(CLUSTER, inputs.resourceName)?.inputs;
  if (old === undefined) return [];
  const [before, after] = [minorOf(old.kubernetesVersion), minorOf(inputs.kubernetesVersion)];
  const [poolBefore, poolAfter] = [old, inputs].map(({ agentPoolProfiles }) =>
    minorOf((agentPoolProfiles as readonly Values[] | undefined)?.[0]?.orchestratorVersion),
  );
  return [
    ...step("the control plane", before, after),
    // https://learn.microsoft.com/azure/aks/spot-node-pool#limitations
    ...refusedIf(
      after !== before &&
        poolAfter !== poolBefore &&
        all(AGENT_POOL).some(({ inputs: pool }) => pool.scaleSetPriority === "Spot"),
      "OperationNotAllowed: The control plane and node pools can't be upgraded at the same time while the cluster has a Spot pool.",
    ),
  ];
}

/** https://learn.microsoft.com/azure/aks/manage-node-pools#upgrade-a-cluster-control-plane-with-multiple-node-pools */
export function poolVersionRules(inputs: Values, { find }: Context): string[] {
  const { agentPoolName, resourceName, orchestratorVersion } = inputs;
  if (orchestratorVersion === undefined) return [];
  const after = minorOf(orchestratorVersion);
  const cluster = minorOf(find(CLUSTER, resourceName)?.inputs.kubernetesVersion);
  const old = find(AGENT_POOL, agentPoolName)?.inputs.orchestratorVersion;
  return [
    ...refusedIf(
      after > cluster,
      `NodePoolMcVersionIncompatible: Node pool version 1.${after} and control plane version 1.${cluster} are incompatible.`,
    ),
    ...(old === undefined ? [] : step(`the pool ${agentPoolName}`, minorOf(old), after)),
  ];
}
