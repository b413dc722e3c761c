import { Cluster } from "@pulumi/gcp/container/cluster";
import * as pulumi from "@pulumi/pulumi";
import { type Config, MANAGED_SERVICES } from "./config";
import { labels } from "./labels";
import { maintenancePolicy } from "./maintenance";
import { type ClusterNetwork, PODS_RANGE, SERVICES_RANGE } from "./network";
import { hardened, TIMEOUT } from "./nodes";

/** What the cluster stands on. */
export interface ControlPlaneArgs {
  readonly config: Config;
  readonly project: string;
  readonly network: ClusterNetwork;
  /** E-mail address of the nodes' identity. */
  readonly serviceAccount: pulumi.Input<string>;
}

export function createControlPlane(
  name: string,
  { config, project, network: { network, subnet }, serviceAccount }: ControlPlaneArgs,
  dependsOn: pulumi.Resource[],
  parent: pulumi.Resource,
): Cluster {
  return new Cluster(
    `${name}-gke`,
    {
      name: config.name,
      location: config.location,
      ...(config.zones.length > 0 ? { nodeLocations: config.zones } : {}),
      deletionProtection: config.deletionProtection,
      resourceLabels: labels(config.tags),
      ...version(config),
      maintenancePolicy: maintenancePolicy(config.maintenance),

      // Its nodes are pools of their own: the one that a cluster is born with is taken away at once. It
      // counts for the quota meanwhile, so it is small.
      removeDefaultNodePool: true,
      initialNodeCount: 1,
      nodeConfig: {
        ...hardened(serviceAccount),
        machineType: "e2-medium",
        diskType: "pd-standard",
        diskSizeGb: 20,
      },
      nodePoolDefaults: { nodeConfigDefaults: { insecureKubeletReadonlyPortEnabled: "FALSE" } },

      network: network.id,
      subnetwork: subnet.id,
      networkingMode: "VPC_NATIVE",
      ipAllocationPolicy: {
        clusterSecondaryRangeName: PODS_RANGE,
        ...(config.network.services === MANAGED_SERVICES
          ? {}
          : { servicesSecondaryRangeName: SERVICES_RANGE }),
      },
      // Dataplane V2: it enforces network policies by itself.
      datapathProvider: "ADVANCED_DATAPATH",
      ...access(config),

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
      loggingConfig: { enableComponents: config.logs },
      monitoringConfig: {
        enableComponents: ["SYSTEM_COMPONENTS"],
        // The stack brings its own Prometheus, or none.
        managedPrometheus: { enabled: false },
      },
    },
    {
      parent,
      dependsOn,
      // Google refuses too, but only once every volume is gone: this stops the preview of a destroy.
      protect: config.deletionProtection,
      // What was true of the pool that is gone: a difference would replace the cluster.
      ignoreChanges: ["nodeConfig", "nodePools", "initialNodeCount"],
      customTimeouts: { create: TIMEOUT, update: TIMEOUT, delete: TIMEOUT },
    },
  );
}

const version = ({ releaseChannel, version: least }: Config) => ({
  releaseChannel: { channel: releaseChannel },
  ...(least === undefined ? {} : { minMasterVersion: least }),
});

/** Either by name, where IAM asks who calls before the API server does, or by address from some ranges. */
function access({ api, network: { controlPlane } }: Config) {
  return {
    privateClusterConfig: {
      enablePrivateNodes: true,
      // There is no public address where there is no address.
      enablePrivateEndpoint: api.public,
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
            cidrBlocks: api.cidrs.map((cidrBlock) => ({ cidrBlock })),
            gcpPublicCidrsAccessEnabled: false,
          },
        }),
  };
}
