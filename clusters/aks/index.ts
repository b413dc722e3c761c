import { ManagementLockByScope } from "@pulumi/azure-native/authorization";
import { ManagedCluster } from "@pulumi/azure-native/containerservice";
import type { Subnet } from "@pulumi/azure-native/network";
import { ResourceGroup } from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import type { Cloud, Cluster, ClusterTraits } from "../types";
import { check } from "./check";
import { type Config, schema } from "./config";
import { ephemeral } from "./ephemeral";
import { type Identities, identities } from "./identities";
import { kubeconfig } from "./kubeconfig";
import { logs } from "./logs";
import { network } from "./network";
import { FIXED, spotPool, systemProfile } from "./nodes";
import { registry, registryAddress } from "./registry";
import { ownTags, type Scope, SLOW } from "./scope";
import { nfs, traits } from "./traits";
import { maintenance, versionIsAzures } from "./upgrades";
import { warnings } from "./warnings";

/** A cluster on Azure, with the group, network, identity, registry and logs that are its own. */
class Aks extends pulumi.ComponentResource implements Cluster {
  readonly clusterName: pulumi.Output<string>;
  readonly identity: pulumi.Output<string>;
  readonly kubeconfig: pulumi.Output<string>;
  readonly registry: pulumi.Output<string>;
  readonly traits: ClusterTraits;
  readonly storageClasses = [nfs];
  readonly foundation: readonly pulumi.Resource[];

  constructor(name: string, config: Config, opts?: pulumi.ComponentResourceOptions) {
    super("ralph:cluster:Aks", name, {}, opts);
    const scope = createScope(name, config, this);
    const subnet = network(scope);
    const images = registry(scope);
    const who = identities(scope, { subnet, registry: images });
    const cluster = managedCluster(scope, who, subnet);
    const spot = spotPool(scope, cluster, subnet, ignored(config));
    const rest = [...maintenance(scope, cluster), ...logs(scope, cluster)];
    if (config.deletionProtection) lock(scope, cluster, [...spot, ...rest]);

    this.clusterName = cluster.name;
    this.identity = cluster.id;
    // The tenant of its identity is the one whose users it knows.
    this.kubeconfig = kubeconfig(scope, cluster, who.cluster.tenantId);
    this.registry = pulumi.interpolate`${registryAddress(images)}/ralph-orchestrator`;
    this.traits = traits(config);
    this.foundation = [...who.grants, cluster, ...spot];
    this.registerOutputs({ clusterName: this.clusterName, identity: this.identity, registry: this.registry });
  }
}

export const cloud = {
  schema,
  check,
  warnings,
  traits,
  ephemeral,
  create: (name, config, opts) => new Aks(name, config, opts),
} satisfies Cloud<Config>;

function createScope(name: string, config: Config, parent: pulumi.Resource): Scope {
  const tags = ownTags(config);
  const group = new ResourceGroup(
    name,
    { resourceGroupName: config.resourceGroup, tags },
    { parent, customTimeouts: SLOW, deleteBeforeReplace: true },
  );
  return { name, config, group, tags, options: (more = {}) => ({ parent, ...more }) };
}

/** The autoscaler counts the nodes; and AKS the versions, where it was asked to. */
const ignored = (config: Config): string[] => [
  "count",
  ...(versionIsAzures(config) ? ["orchestratorVersion"] : []),
];

function managedCluster(
  scope: Scope,
  { cluster, kubelet, grants }: Identities,
  subnet: Subnet,
): ManagedCluster {
  const { name, config, group, tags, options } = scope;
  const { pods, services, dnsServiceIP } = config.network;
  const inPool = (keys: readonly string[]) => keys.map((key) => `agentPoolProfiles[0].${key}`);
  return new ManagedCluster(
    name,
    {
      resourceGroupName: group.name,
      resourceName: config.name,
      dnsPrefix: config.dnsPrefix ?? dnsPrefix(config.name),
      sku: { name: "Base", tier: config.tier },
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
        ...(config.api.public ? {} : { authorizedIPRanges: [...config.api.cidrs] }),
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
      },
      agentPoolProfiles: [systemProfile(scope, subnet)],
      autoUpgradeProfile: { upgradeChannel: config.channel, nodeOSUpgradeChannel: "NodeImage" },
      storageProfile: { diskCSIDriver: { enabled: true }, fileCSIDriver: { enabled: true } },
      ...(config.webAppRouting ? { ingressProfile: { webAppRouting: { enabled: true } } } : {}),
      tags,
    },
    options({
      dependsOn: [...grants],
      customTimeouts: SLOW,
      // Its name is fixed. And with its id unknown until it is anew, what runs in it is replaced with it.
      deleteBeforeReplace: true,
      replaceOnChanges: inPool(FIXED),
      ignoreChanges: [...inPool(ignored(config)), ...(versionIsAzures(config) ? ["kubernetesVersion"] : [])],
      // The lock below stops everybody but Pulumi, which would delete it first.
      protect: config.deletionProtection,
    }),
  );
}

const DNS_PREFIX_LENGTH = 54;

const dnsPrefix = (cluster: string): string =>
  cluster.replaceAll("_", "-").slice(0, DNS_PREFIX_LENGTH).replace(/-+$/, "");

/** It also holds what is below the cluster, so it comes after all of that and goes before. */
function lock({ name, options }: Scope, cluster: ManagedCluster, after: pulumi.Resource[]): void {
  new ManagementLockByScope(
    `${name}-lock`,
    {
      scope: cluster.id,
      level: "CanNotDelete",
      notes: "ralph:cluster.deletionProtection",
    },
    options({ dependsOn: after }),
  );
}
