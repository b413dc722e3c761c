import type { Context, Resource, Values } from "../types";
import { grantOf, refusedIf } from "./common";
import { fixedIn, poolRules } from "./pool-rules";
import { CLUSTER, GRANT, IDENTITY } from "./tokens";

const IDENTITY_OPERATOR = "f1a07417-d97a-45cb-824c-7a7467783830";
const NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7";

/** The API's errors for a cluster whose properties contradict each other. */
export function clusterRules(inputs: Values): string[] {
  const { networkProfile = {}, agentPoolProfiles = [], aadProfile, disableLocalAccounts } = inputs;
  const { sku, supportPlan, apiServerAccessProfile: access = {} } = inputs;
  const pools = agentPoolProfiles as readonly Values[];
  return [
    ...refusedIf(
      !pools.some(({ mode }) => mode === "System"),
      "Must define at least one system pool in AgentPoolProfiles.",
    ),
    ...refusedIf(
      pools.some(({ scaleSetPriority }) => scaleSetPriority === "Spot"),
      "The first pool can't be a Spot pool.",
    ),
    ...refusedIf(
      networkProfile.networkPolicy === "cilium" && networkProfile.networkDataplane !== "cilium",
      "networkPolicy cilium requires networkDataplane cilium.",
    ),
    ...refusedIf(
      networkProfile.networkDataplane === "cilium" && networkProfile.networkPluginMode !== "overlay",
      "networkDataplane cilium requires the overlay or a pod subnet.",
    ),
    // https://learn.microsoft.com/azure/aks/free-standard-pricing-tiers
    ...refusedIf(
      sku?.tier === "Premium" && supportPlan !== "AKSLongTermSupport",
      "The Premium tier requires the support plan AKSLongTermSupport.",
    ),
    // https://learn.microsoft.com/azure/aks/api-server-authorized-ip-ranges
    ...refusedIf(
      access.enablePrivateCluster === true && access.authorizedIPRanges !== undefined,
      "Authorized IP ranges are not supported on a private cluster.",
    ),
    // https://learn.microsoft.com/azure/aks/private-clusters
    ...refusedIf(
      access.privateDNSZone === "none" && access.enablePrivateClusterPublicFQDN !== true,
      "A private cluster without a private DNS zone must have a public FQDN.",
    ),
    ...refusedIf(
      disableLocalAccounts === true && aadProfile === undefined,
      "Local accounts can't be disabled without managed Entra ID.",
    ),
    ...pools.flatMap(poolRules),
  ];
}

/** The cluster's identity must be permitted to use its subnet and the nodes' identity. */
export function granted(
  { identity, identityProfile, agentPoolProfiles = [] }: Values,
  { find }: Context,
): string[] {
  const kubelet = identityProfile?.kubeletidentity?.resourceId;
  return ((identity?.userAssignedIdentities ?? []) as readonly string[]).flatMap((id) => {
    const principal = find(IDENTITY, id)?.outputs.principalId;
    // https://learn.microsoft.com/azure/aks/use-managed-identity#add-role-assignment
    const ofKubelet = refusedIf(
      kubelet !== undefined && !isEffective(find(GRANT, grantOf(principal, IDENTITY_OPERATOR, kubelet))),
      "CustomKubeletIdentityMissingPermissionError: The cluster user assigned identity must be given permission to " +
        `assign kubelet identity ${kubelet}. Check access result not allowed for action ` +
        "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action.",
    );
    // AKS uses this one minutes later, when it creates the nodes.
    const ofSubnet = (agentPoolProfiles as readonly Values[]).flatMap(({ vnetSubnetID }) =>
      refusedIf(
        vnetSubnetID !== undefined &&
          find(GRANT, grantOf(principal, NETWORK_CONTRIBUTOR, vnetSubnetID)) === undefined,
        `The identity ${id} has no permission Microsoft.Network/virtualNetworks/subnets/join/action on ${vnetSubnetID}.`,
      ),
    );
    return [...ofKubelet, ...ofSubnet];
  });
}

const isEffective = (grant: Resource | undefined): boolean =>
  grant !== undefined && (grant.visible ?? 0) <= Date.now();

/** Pool properties of an existing cluster that cannot be changed. */
export function fixed({ resourceName, agentPoolProfiles = [] }: Values, { find }: Context): string[] {
  const before = find(CLUSTER, resourceName)?.inputs.agentPoolProfiles as readonly Values[] | undefined;
  if (before === undefined) return [];
  return (agentPoolProfiles as readonly Values[]).flatMap((pool) => {
    const old = before.find(({ name }) => name === pool.name);
    if (old === undefined) return [`A new agent pool was introduced: ${pool.name}.`];
    return fixedIn(old, pool);
  });
}
