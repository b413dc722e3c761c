import { ManagementLockByScope, type RoleAssignment } from "@pulumi/azure-native/authorization";
import { ManagedCluster } from "@pulumi/azure-native/containerservice";
import type { Workspace } from "@pulumi/azure-native/operationalinsights";
import type * as pulumi from "@pulumi/pulumi";
import type { Config } from "./config";
import type { Identity } from "./identity";
import { onceApplied } from "./late-grants";
import { logAddOn } from "./logs";
import { isVersionManagedByAks } from "./maintenance";
import type { Network } from "./network";
import { ignoredPoolChanges, REPLACE_ON, systemPool } from "./nodes";
import { type Scope, SLOW } from "./scope";

/** @param grants roles that the cluster and its administrators need from the start */
export function createControlPlane(
  scope: Scope,
  {
    network,
    identity,
    workspace,
  }: { network: Network; identity: Identity; workspace: Workspace | undefined },
  grants: readonly RoleAssignment[],
): ManagedCluster {
  const { name, config, group, tags, options } = scope;
  const { cluster, kubelet } = identity;
  const { pods, services, dnsServiceIP } = config.network;
  const inPool = (keys: readonly string[]) => keys.map((key) => `agentPoolProfiles[0].${key}`);
  return new ManagedCluster(
    name,
    {
      resourceGroupName: group.name,
      resourceName: config.name,
      dnsPrefix: config.dnsPrefix ?? dnsPrefix(config.name),
      sku: { name: "Base", tier: config.tier },
      // AKS offers the tier with this plan only: https://learn.microsoft.com/azure/aks/free-standard-pricing-tiers
      ...(config.tier === "Premium" ? { supportPlan: "AKSLongTermSupport" } : {}),
      kubernetesVersion: config.version,
      identity: { type: "UserAssigned", userAssignedIdentities: [cluster.id] },
      identityProfile: {
        kubeletidentity: {
          resourceId: kubelet.id,
          clientId: kubelet.clientId,
          objectId: kubelet.principalId,
        },
      },
      enableRBAC: true,
      aadProfile: { managed: true, enableAzureRBAC: true },
      disableLocalAccounts: true,
      oidcIssuerProfile: { enabled: true },
      securityProfile: {
        workloadIdentity: { enabled: true },
        ...(config.kmsKey === undefined
          ? {}
          : { azureKeyVaultKms: { enabled: true, keyId: config.kmsKey, keyVaultNetworkAccess: "Public" } }),
      },
      apiServerAccessProfile: {
        disableRunCommand: true,
        ...apiServerAccess(config),
      },
      networkProfile: {
        networkPlugin: "azure",
        networkPluginMode: "overlay",
        networkDataplane: "cilium",
        networkPolicy: "cilium",
        loadBalancerSku: "standard",
        outboundType: "loadBalancer",
        podCidr: pods,
        serviceCidr: services,
        dnsServiceIP,
        ...(config.hostPolicies
          ? {
              advancedNetworking: {
                enabled: true,
                security: { enabled: true, advancedNetworkPolicies: "FQDN" },
              },
            }
          : {}),
      },
      agentPoolProfiles: [systemPool(scope, network)],
      autoUpgradeProfile: { upgradeChannel: config.channel, nodeOSUpgradeChannel: "NodeImage" },
      storageProfile: { diskCSIDriver: { enabled: true }, fileCSIDriver: { enabled: true } },
      ...autoScalerProfile(config),
      ...logAddOn(scope, workspace),
      ...(config.webAppRouting ? { ingressProfile: { webAppRouting: { enabled: true } } } : {}),
      tags,
    },
    options({
      dependsOn: onceApplied(identity.controlPlaneGrants, grants),
      customTimeouts: SLOW,
      // Its name is fixed. And its id is unknown until it is recreated, so everything in it is replaced too.
      deleteBeforeReplace: true,
      replaceOnChanges: [...inPool(REPLACE_ON), "apiServerAccessProfile.enablePrivateCluster"],
      ignoreChanges: [
        ...inPool(ignoredPoolChanges(config)),
        ...(isVersionManagedByAks(config) ? ["kubernetesVersion"] : []),
      ],
      // The lock stops everyone but Pulumi, which would delete the lock first.
      protect: config.deletionProtection,
    }),
  );
}

/** Undefined settings are AKS's own: it keeps those that a request does not contain. */
function autoScalerProfile({ autoscaler }: Config) {
  const { expander, scaleDownUnneededMinutes: minutes, skipNodesWithLocalStorage: skip } = autoscaler;
  const profile = {
    ...(expander === undefined ? {} : { expander }),
    ...(minutes === undefined ? {} : { scaleDownUnneededTime: `${minutes}m` }),
    // AKS wants text.
    ...(skip === undefined ? {} : { skipNodesWithLocalStorage: String(skip) }),
  };
  return Object.keys(profile).length === 0 ? {} : { autoScalerProfile: profile };
}

/** A private server keeps a public name, of a private address: a private zone would need a role on the network. */
const apiServerAccess = ({ api }: Config) => {
  if (api.private)
    return { enablePrivateCluster: true, privateDNSZone: "none", enablePrivateClusterPublicFQDN: true };
  return api.public ? {} : { authorizedIPRanges: [...api.cidrs] };
};

const MAX_DNS_PREFIX_LENGTH = 54;

const dnsPrefix = (cluster: string): string =>
  cluster.replaceAll("_", "-").slice(0, MAX_DNS_PREFIX_LENGTH).replace(/-+$/, "");

/**
 * Protects the cluster from deletion. The lock also covers the cluster's child resources, so it is created after
 * all of them and deleted before them.
 */
export function createLock(
  { name, options }: Scope,
  cluster: ManagedCluster,
  children: readonly pulumi.Resource[],
): ManagementLockByScope {
  return new ManagementLockByScope(
    `${name}-lock`,
    {
      scope: cluster.id,
      level: "CanNotDelete",
      notes: "ralph:cluster.deletionProtection",
    },
    options({ dependsOn: [...children] }),
  );
}
