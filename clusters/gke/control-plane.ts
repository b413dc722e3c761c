import { Cluster } from "@pulumi/gcp/container/cluster";
import type * as pulumi from "@pulumi/pulumi";
import type { Config } from "./config";
import type { Identity } from "./identity";
import type { Network } from "./network";
import { hardened, TIMEOUT } from "./nodes";
import type { Scope } from "./scope";

export function createControlPlane(
  { name, config, project, labels, options }: Scope,
  {
    network: { vpcId, subnetId, ranges },
    identity,
  }: { readonly network: Network; readonly identity: Identity },
  dependsOn: pulumi.Resource[],
): Cluster {
  return new Cluster(
    `${name}-gke`,
    {
      name: config.name,
      location: config.location,
      ...(config.zones.length > 0 ? { nodeLocations: config.zones } : {}),
      deletionProtection: config.deletionProtection,
      resourceLabels: labels,
      ...version(config),
      maintenancePolicy: maintenancePolicy(config.maintenance),

      // Node pools are separate resources. The default pool is removed immediately, and kept small because it counts
      // against the quota until then.
      removeDefaultNodePool: true,
      initialNodeCount: 1,
      nodeConfig: {
        ...hardened(identity),
        machineType: "e2-medium",
        diskType: "pd-standard",
        diskSizeGb: 20,
      },
      nodePoolDefaults: { nodeConfigDefaults: { insecureKubeletReadonlyPortEnabled: "FALSE" } },

      network: vpcId,
      subnetwork: subnetId,
      networkingMode: "VPC_NATIVE",
      ipAllocationPolicy: {
        clusterSecondaryRangeName: ranges.pods,
        ...(ranges.services === undefined ? {} : { servicesSecondaryRangeName: ranges.services }),
      },
      // Dataplane V2, which enforces network policies itself.
      datapathProvider: "ADVANCED_DATAPATH",
      ...(config.hostPolicies ? { enableFqdnNetworkPolicy: true } : {}),
      // Without the property a cluster keeps its setting. An edit applies in place.
      ...(config.nodeEncryption === undefined
        ? {}
        : { inTransitEncryptionConfig: TRANSIT[config.nodeEncryption ? "on" : "off"] }),
      ...apiAccess(config),

      workloadIdentityConfig: { workloadPool: `${project}.svc.id.goog` },
      enableShieldedNodes: true,
      enableLegacyAbac: false,
      masterAuth: { clientCertificateConfig: { issueClientCertificate: false } },
      anonymousAuthenticationConfig: { mode: "LIMITED" },
      rbacBindingConfig: {
        enableInsecureBindingSystemAuthenticated: false,
        enableInsecureBindingSystemUnauthenticated: false,
      },
      ...(config.kmsKey === undefined
        ? {}
        : { databaseEncryption: { state: "ENCRYPTED", keyName: config.kmsKey } }),

      addonsConfig: {
        gcePersistentDiskCsiDriverConfig: { enabled: true },
        gcpFilestoreCsiDriverConfig: { enabled: config.storage.filestore.enabled },
        horizontalPodAutoscaling: { disabled: false },
        httpLoadBalancing: { disabled: false },
      },
      // Without the block an existing cluster keeps its setting.
      ...(config.gatewayApi ? { gatewayApiConfig: { channel: "CHANNEL_STANDARD" } } : {}),
      loggingConfig: { enableComponents: config.logs },
      monitoringConfig: {
        enableComponents: ["SYSTEM_COMPONENTS"],
        // The stack installs its own Prometheus, or none.
        managedPrometheus: { enabled: false },
      },
    },
    options({
      dependsOn: [...dependsOn, ...identity.roles],
      // GKE refuses to delete it too, but only after every volume is deleted; this stops the preview of a destroy.
      protect: config.deletionProtection,
      // Properties of the removed default pool: a difference would replace the cluster.
      ignoreChanges: [
        ...["nodeConfig", "nodePools", "initialNodeCount"],
        // The provider replaces a cluster to turn it off.
        ...(config.hostPolicies ? [] : ["enableFqdnNetworkPolicy"]),
      ],
      customTimeouts: { create: TIMEOUT, update: TIMEOUT, delete: TIMEOUT },
    }),
  );
}

/** https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/projects.locations.clusters#intransitencryptionconfig */
const TRANSIT = {
  on: "IN_TRANSIT_ENCRYPTION_INTER_NODE_TRANSPARENT",
  off: "IN_TRANSIT_ENCRYPTION_DISABLED",
} as const;

const version = ({ releaseChannel, version: minVersion }: Config) => ({
  releaseChannel: { channel: releaseChannel },
  ...(minVersion === undefined ? {} : { minMasterVersion: minVersion }),
});

/** The window may recur from any day on, but the day must never change; `days` says on which it recurs. */
const FIRST_DAY = "2026-01-03";

/** The maintenance window as an iCalendar recurrence (RFC 5545). It may extend past midnight. */
export function maintenancePolicy({ days, start, hours, exclusions }: Config["maintenance"]) {
  const from = new Date(`${FIRST_DAY}T${start}:00Z`);
  const to = new Date(from.getTime() + hours * 3_600_000);
  const time = (date: Date) => date.toISOString().replace(".000Z", "Z");
  return {
    recurringWindow: {
      startTime: time(from),
      endTime: time(to),
      recurrence: `FREQ=WEEKLY;BYDAY=${[...new Set(days)].join(",")}`,
    },
    ...(exclusions.length === 0
      ? {}
      : {
          maintenanceExclusions: exclusions.map(({ name: exclusionName, start: startTime, end, scope }) => ({
            exclusionName,
            startTime,
            endTime: end,
            exclusionOptions: { scope },
          })),
        }),
  };
}

/** A private address is reachable only from the VPC and what is connected to it, in these ranges. */
const PRIVATE_RANGES = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/**
 * By DNS name, where IAM authorizes a caller before the API server does; by public address from some ranges; or by
 * private address.
 */
function apiAccess({ api, network: { controlPlane } }: Config) {
  return {
    privateClusterConfig: {
      enablePrivateNodes: true,
      // The DNS endpoint needs no address, so the cluster has no public one.
      enablePrivateEndpoint: api.public || api.private,
      ...(controlPlane === undefined ? {} : { masterIpv4CidrBlock: controlPlane }),
    },
    controlPlaneEndpointsConfig: {
      dnsEndpointConfig: { allowExternalTraffic: api.public },
      ipEndpointsConfig: { enabled: !api.public },
    },
    ...(api.public
      ? {}
      : {
          masterAuthorizedNetworksConfig: {
            // Without authorized networks, GKE refuses a cluster that has a private address only.
            cidrBlocks: (api.private ? PRIVATE_RANGES : api.cidrs).map((cidrBlock) => ({ cidrBlock })),
            gcpPublicCidrsAccessEnabled: false,
          },
        }),
  };
}
