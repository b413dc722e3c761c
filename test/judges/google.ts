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

const PROJECT = /^[a-z][-a-z0-9.:]{4,28}[a-z0-9]$/;
const REGION = /^[a-z]+-[a-z]+\d+$/;
const LOCATION = /^[a-z]+-[a-z]+\d+(-[a-z])?$/;
const API = /^[a-z]+\.googleapis\.com$/;
const NAME = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const CIDR = /^\d+\.\d+\.\d+\.\d+\/\d+$/;
/** A cluster has at most 15,000. */
const NODES = /^\d{1,5}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const ROLE = /^(roles|(projects|organizations)\/[^/]+\/roles)\/[a-zA-Z.]+$/;
const MEMBER = /^(serviceAccount|user|group):[^@\s]+@[^@\s]+$/;
const URL = String.raw`(https://www\.googleapis\.com/compute/(v1|beta)/)?projects/[^/]+`;
const NETWORK = new RegExp(`^(${URL}/(global/networks|regions/[^/]+/subnetworks)/)?[a-z][-a-z0-9]*$`);

/**
 * Terraform's names, from the expand functions of terraform-provider-google: a path is the field's in the model. What
 * Google takes from the request's URL, or only Terraform has, has a rule of its own.
 */
const FIELDS: Fields = {
  "Cluster.datapathProvider": "networkConfig.datapathProvider",
  "Cluster.deletionProtection": "boolean",
  "Cluster.enableL4IlbSubsetting": "networkConfig.enableL4ilbSubsetting",
  "Cluster.enableLegacyAbac": "legacyAbac.enabled",
  "Cluster.enableShieldedNodes": "shieldedNodes.enabled",
  "Cluster.location": LOCATION,
  "Cluster.minMasterVersion": "initialClusterVersion",
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
  "NodeConfigDefaults.insecureKubeletReadonlyPortEnabled": /^(TRUE|FALSE)$/,
  "NodeKubeletConfig.insecureKubeletReadonlyPortEnabled": /^(TRUE|FALSE)$/,
  "NodePool.cluster": NAME,
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
  "Repository.repositoryId": NAME,
  "ServiceAccount.accountId": /^[a-z]([-a-z0-9]{4,28}[a-z0-9])$/,
  "ServiceAccount.project": PROJECT,
  "Binding.cryptoKeyId": /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/,
  "Binding.location": REGION,
  "Binding.member": MEMBER,
  "Binding.project": PROJECT,
  "Binding.repository": NAME,
  "GoogleApiServiceusageV1Service.disableOnDestroy": "boolean",
  "GoogleApiServiceusageV1Service.project": PROJECT,
  "GoogleApiServiceusageV1Service.service": API,
};

/** Forms that the API demands and its model only describes in words. */
const RULES: Readonly<Record<string, RegExp>> = {
  "Binding.role": ROLE,
  "Cluster.name": NAME,
  "Cluster.network": NETWORK,
  "Cluster.nodeLocations": LOCATION,
  "Cluster.subnetwork": NETWORK,
  "Cluster.initialNodeCount": NODES,
  "IPAllocationPolicy.clusterSecondaryRangeName": NAME,
  "IPAllocationPolicy.servicesSecondaryRangeName": NAME,
  "NodeConfig.diskSizeGb": /^[1-9]\d{1,4}$/, // 10 GB to 64 TB
  "NodeConfig.diskType": /^(pd|hyperdisk)-[a-z]+$/,
  "NodeConfig.imageType": /^[A-Z_]+$/i,
  "NodeConfig.machineType": /^[a-z]\d[a-z]?-[a-z]+(-\d+)?$/,
  "NodeConfig.oauthScopes": /^https:\/\/www\.googleapis\.com\/auth\/[a-z.-]+$/,
  "NodePool.initialNodeCount": NODES,
  "NodePoolAutoscaling.maxNodeCount": NODES,
  "NodePoolAutoscaling.minNodeCount": NODES,
  "NodePoolAutoscaling.totalMaxNodeCount": NODES,
  "NodePoolAutoscaling.totalMinNodeCount": NODES,
  "NodePool.name": NAME,
  "NodePool.nodeLocations": LOCATION,
  "RecurringTimeWindow.endTime": TIME,
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
  "UpgradeSettings.maxSurge": /^\d{1,2}$/,
  "UpgradeSettings.maxUnavailable": /^\d{1,2}$/,
  "WorkloadIdentityConfig.workloadPool": /^[a-z][-a-z0-9.:]+\.svc\.id\.goog$/,
};

export const google: Judge = ({ type, inputs }, say, mocked) => {
  const row = ROWS[type];
  if (row === undefined) say("", "has no row in test/judges/google.ts");
  else judgeDiscovery(row, FIELDS, RULES, inputs, say, mocked);
};
