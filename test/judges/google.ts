/** What this program registers at Google, and where Google's models describe it. */
import { type Fields, judgeDiscovery, type Row } from "./discovery";
import type { Judge } from "./finding";

const container = (schema: string): Row => ({ document: "container.v1beta1", schema });
const compute = (schema: string): Row => ({ document: "compute.beta", schema });
const SERVICE: Row = { document: "serviceusage.v1", schema: "GoogleApiServiceusageV1Service" };

const ROWS: Readonly<Record<string, Row>> = {
  "gcp:container/cluster:Cluster": container("Cluster"),
  "gcp:container/nodePool:NodePool": container("NodePool"),
  "gcp:compute/network:Network": compute("Network"),
  "gcp:compute/subnetwork:Subnetwork": compute("Subnetwork"),
  "gcp:compute/router:Router": compute("Router"),
  "gcp:compute/routerNat:RouterNat": compute("RouterNat"),
  "gcp:artifactregistry/repository:Repository": { document: "artifactregistry.v1", schema: "Repository" },
  "gcp:serviceaccount/account:Account": { document: "iam.v1", schema: "ServiceAccount" },
  "gcp:projects/iAMMember:IAMMember": { document: "cloudresourcemanager.v1", schema: "Binding" },
  "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": {
    document: "artifactregistry.v1",
    schema: "Binding",
  },
  "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": { document: "cloudresourcemanager.v1", schema: "Binding" },
  "gcp:projects/service:Service": SERVICE,
  "gcp:projects/serviceIdentity:ServiceIdentity": SERVICE,
};

// Where no document is named, the rule is in the words or the paths of the discovery documents themselves.

/** Compute's parameter `project`, with the domain of an old one; the length is that of Project.projectId. */
const PROJECT = /^([-a-z0-9]{1,63}(\.[-a-z0-9]{1,63})*:)?[a-z][-a-z0-9]{4,28}[a-z0-9]$/;
/** https://cloud.google.com/compute/docs/regions-zones#identifying_a_region_or_zone */
const REGION = /^[a-z]+-[a-z]+\d+$/;
const LOCATION = /^[a-z]+-[a-z]+\d+(-[a-z])?$/;
/** The last part of a service's name, such as projects/123/services/serviceusage.googleapis.com. */
const API = /^[a-z]+\.googleapis\.com$/;
/** What is a part of a path, of any form: https://google.aip.dev/122 */
const PART = /^[^/\s]+$/;
/** RFC 1035, as Compute's names; https://docs.cloud.google.com/compute/docs/naming-resources */
const NAME = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** Cluster.name. */
const CLUSTER = /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/;
const CIDR = /^\d+\.\d+\.\d+\.\d+\/\d+$/;
/** At most 1,000 nodes in each zone of a pool: https://cloud.google.com/kubernetes-engine/quotas#limits_per_cluster */
const ZONE = /^(\d{1,3}|1000)$/;
/** At most 15,000 in a cluster: the same page. */
const NODES = /^\d{1,5}$/;
/** The format google-datetime: RFC 3339, in UTC. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
/** Role.name. */
const ROLE = /^(roles|(projects|organizations)\/[^/]+\/roles)\/[a-zA-Z0-9_.]+$/;
/**
 * Binding.members: the kinds that are an email address, and a service account of Kubernetes:
 * https://cloud.google.com/iam/docs/principal-identifiers
 */
const MEMBER =
  /^((serviceAccount|user|group):[^@\s]+@[^@\s]+|principal:\/\/iam\.googleapis\.com\/projects\/\d+\/locations\/global\/workloadIdentityPools\/[-a-z0-9:.]+\.svc\.id\.goog\/subject\/ns\/[-a-z0-9]+\/sa\/[-a-z0-9.]+)$/;
/** Terraform takes a name, a path or a URL: https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/container_cluster#network */
const URL = String.raw`(https://www\.googleapis\.com/compute/(v1|beta)/)?projects/[^/]+`;
const NETWORK = new RegExp(`^(${URL}/(global/networks|regions/[^/]+/subnetworks)/)?[a-z][-a-z0-9]*$`);

/**
 * Terraform's names, from the expand functions of terraform-provider-google: a path is the field's in the model. What
 * Google takes from the request's URL, or only Terraform has, has a rule of its own.
 */
const FIELDS: Fields = {
  "Cluster.datapathProvider": "networkConfig.datapathProvider",
  "Cluster.gatewayApiConfig": "networkConfig.gatewayApiConfig",
  "Cluster.deletionProtection": "boolean",
  "Cluster.enableFqdnNetworkPolicy": "networkConfig.enableFqdnNetworkPolicy",
  "Cluster.inTransitEncryptionConfig": "networkConfig.inTransitEncryptionConfig",
  "Cluster.enableL4IlbSubsetting": "networkConfig.enableL4ilbSubsetting",
  "Cluster.enableLegacyAbac": "legacyAbac.enabled",
  "Cluster.enableShieldedNodes": "shieldedNodes.enabled",
  "Cluster.location": LOCATION,
  "Cluster.minMasterVersion": "initialClusterVersion",
  // https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/container_cluster#networking_mode
  "Cluster.networkingMode": /^(VPC_NATIVE|ROUTES)$/,
  "Cluster.nodeLocations": "locations",
  "Cluster.project": PROJECT,
  "Cluster.removeDefaultNodePool": "boolean",
  "LoggingConfig.enableComponents": "componentConfig.enableComponents",
  "RecurringTimeWindow.endTime": "window.endTime",
  "RecurringTimeWindow.startTime": "window.startTime",
  "TimeWindow.exclusionName": /^\S+$/,
  "TimeWindow.exclusionOptions": "maintenanceExclusionOptions",
  "MaintenancePolicy.maintenanceExclusions": "window.maintenanceExclusions",
  "MonitoringConfig.enableComponents": "componentConfig.enableComponents",
  "MonitoringConfig.managedPrometheus": "managedPrometheusConfig",
  "MaintenancePolicy.dailyMaintenanceWindow": "window.dailyMaintenanceWindow",
  "MaintenancePolicy.recurringWindow": "window.recurringWindow",
  // Terraform has text for what is a boolean in the API: the same page.
  "NodeConfigDefaults.insecureKubeletReadonlyPortEnabled": /^(TRUE|FALSE)$/,
  "NodeKubeletConfig.insecureKubeletReadonlyPortEnabled": /^(TRUE|FALSE)$/,
  "NodePool.cluster": CLUSTER,
  "NodePool.location": LOCATION,
  "NodePool.nodeConfig": "config",
  "NodePool.nodeCount": "initialNodeCount",
  "NodePool.nodeLocations": "locations",
  "NodePool.project": PROJECT,
  "Network.routingMode": "routingConfig.routingMode",
  "Network.project": PROJECT,
  "Subnetwork.project": PROJECT,
  "Router.project": PROJECT,
  "RouterNat.region": REGION,
  "RouterNat.router": NAME,
  "RouterNat.project": PROJECT,
  "RouterNatSubnetworkToNat.sourceIpRangesToNats": "sourceIpRangesToNat",
  "Repository.location": LOCATION,
  "Repository.project": PROJECT,
  "Repository.repositoryId": PART,
  // CreateServiceAccountRequest.accountId.
  "ServiceAccount.accountId": /^[a-z]([-a-z0-9]{4,28}[a-z0-9])$/,
  "ServiceAccount.project": PROJECT,
  // https://cloud.google.com/kms/docs/getting-resource-ids
  "Binding.cryptoKeyId": /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/,
  "Binding.location": REGION,
  "Binding.member": MEMBER,
  "Binding.project": PROJECT,
  "Binding.repository": PART,
  "GoogleApiServiceusageV1Service.disableOnDestroy": "boolean",
  "GoogleApiServiceusageV1Service.project": PROJECT,
  "GoogleApiServiceusageV1Service.service": API,
};

/** Forms that the API demands and its model only describes in words, or a document does. */
const RULES: Readonly<Record<string, RegExp>> = {
  "Binding.role": ROLE,
  "Cluster.name": CLUSTER,
  "Cluster.network": NETWORK,
  "Cluster.nodeLocations": LOCATION,
  "Cluster.subnetwork": NETWORK,
  "Cluster.initialNodeCount": ZONE,
  "IPAllocationPolicy.clusterSecondaryRangeName": NAME,
  "IPAllocationPolicy.servicesSecondaryRangeName": NAME,
  // In words; at most the 64 TB of a disk: https://cloud.google.com/compute/docs/disks/persistent-disks
  "NodeConfig.diskSizeGb": /^(1[2-9]|[2-9]\d|[1-9]\d{2,4})$/,
  // https://cloud.google.com/compute/docs/disks
  "NodeConfig.diskType": /^(pd|hyperdisk)-[a-z]+$/,
  // https://cloud.google.com/kubernetes-engine/docs/concepts/node-images
  "NodeConfig.imageType": /^(COS|UBUNTU|WINDOWS_(LTSC|SAC))_CONTAINERD$/i,
  // https://cloud.google.com/compute/docs/machine-resource#machine_type_naming_convention
  "NodeConfig.machineType": /^[a-z]\d[a-z]?-[a-z]+(-\d+)?$/,
  // https://developers.google.com/identity/protocols/oauth2/scopes
  "NodeConfig.oauthScopes": /^https:\/\/www\.googleapis\.com\/auth\/[a-z.-]+$/,
  "NodeConfig.serviceAccount": /^[^@\s]+@[^@\s]+$/,
  "NodePool.initialNodeCount": ZONE,
  "NodePoolAutoscaling.maxNodeCount": ZONE,
  "NodePoolAutoscaling.minNodeCount": ZONE,
  "NodePoolAutoscaling.totalMaxNodeCount": NODES,
  "NodePoolAutoscaling.totalMinNodeCount": NODES,
  "NodePool.name": PART,
  "NodePool.nodeLocations": LOCATION,
  "RecurringTimeWindow.endTime": TIME,
  // https://www.rfc-editor.org/rfc/rfc5545#section-3.3.10
  "RecurringTimeWindow.recurrence": /^FREQ=[A-Z]+(;[A-Z]+=[A-Z0-9,]+)*$/,
  "RecurringTimeWindow.startTime": TIME,
  "Router.network": NETWORK,
  "Router.region": REGION,
  "RouterNatSubnetworkToNat.name": NETWORK,
  "Subnetwork.ipCidrRange": CIDR,
  "Subnetwork.network": NETWORK,
  "Subnetwork.region": REGION,
  "SubnetworkSecondaryRange.ipCidrRange": CIDR,
  "SubnetworkSecondaryRange.rangeName": NAME,
  "TimeWindow.endTime": TIME,
  "TimeWindow.startTime": TIME,
  "UpgradeSettings.maxSurge": ZONE,
  "UpgradeSettings.maxUnavailable": ZONE,
  // https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity
  "WorkloadIdentityConfig.workloadPool": /^[a-z][-a-z0-9.:]+\.svc\.id\.goog$/,
};

export const google: Judge = ({ type, inputs }, say, mocked) => {
  const row = ROWS[type];
  if (row === undefined) say("", "has no row in test/judges/google.ts");
  else judgeDiscovery(row, FIELDS, RULES, inputs, say, mocked);
};
