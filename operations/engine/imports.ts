/**
 * What a run that was killed may have made without writing it down: under which id the provider finds it. Ids
 * are those of "Import" in each resource's documentation.
 */
import { run } from "../../lib/process";
import type { Place } from "../place";
import type { Resource, Values } from "./state";

/** What an id is made of beside a resource's own inputs. */
interface Context {
  readonly place: Place;
  /** Id of the Azure subscription. */
  readonly subscription?: string;
  /** Ids that the state has: what is called so is no remnant. */
  readonly known: ReadonlySet<string>;
}

/** The id of what was to be made of some inputs; undefined where it is not there, or cannot be told. */
type IdOf = (inputs: Values, context: Context) => string | undefined | Promise<string | undefined>;

const google =
  (path: (inputs: Values) => string, before = "projects/"): IdOf =>
  (inputs, { place: { provider } }) => {
    const project = (inputs.project as string | undefined) ?? provider.project;
    return project === undefined ? undefined : `${before}${project}/${path(inputs)}`;
  };

const azure =
  (path: (inputs: Values) => string): IdOf =>
  (inputs, { subscription }) =>
    subscription === undefined
      ? undefined
      : `/subscriptions/${subscription}/resourceGroups/${inputs.resourceGroupName}${path(inputs)}`;

const inputs =
  (id: (inputs: Values) => string | undefined): IdOf =>
  (given) =>
    id(given);

/** What EC2 and others call by a number: found by the tags that it was to have, where nothing else has them. */
const tagged =
  (kind: RegExp): IdOf =>
  async ({ tags = {} }, { place, known }) => {
    const filters = Object.entries(tags as Record<string, string>).map(
      ([key, value]) => `Key=${key},Values=${value}`,
    );
    if (filters.length === 0) return undefined;
    const answer = await aws(place, "resourcegroupstaggingapi", "get-resources", "--tag-filters", ...filters);
    const arns = ((answer?.ResourceTagMappingList ?? []) as { ResourceARN: string }[]).map(
      ({ ResourceARN }) => ResourceARN,
    );
    const ids = arns.flatMap((arn) => kind.exec(arn)?.[1] ?? []).filter((id) => !known.has(id));
    return ids.length === 1 ? ids[0] : undefined;
  };

const ec2 = (resource: string): IdOf => tagged(new RegExp(`:ec2:[^:]*:[^:]*:${resource}/(.+)$`));

async function aws(
  { provider: { region, profile } }: Place,
  ...words: string[]
): Promise<Values | undefined> {
  const where = [
    ...(region === undefined ? [] : ["--region", region]),
    ...(profile === undefined ? [] : ["--profile", profile]),
  ];
  const { code, stdout } = await run("aws", [...words, ...where, "--output", "json"], { timeout: 60_000 });
  return code === 0 ? (JSON.parse(stdout) as Values) : undefined;
}

const mountTarget: IdOf = async ({ fileSystemId, subnetId }, { place }) => {
  const answer = await aws(
    place,
    "efs",
    "describe-mount-targets",
    "--file-system-id",
    fileSystemId as string,
  );
  const targets = (answer?.MountTargets ?? []) as { MountTargetId: string; SubnetId: string }[];
  return targets.find(({ SubnetId }) => SubnetId === subnetId)?.MountTargetId;
};

const IDS: Readonly<Record<string, IdOf>> = {
  "gcp:compute/network:Network": google(({ name }) => `global/networks/${name}`),
  "gcp:compute/subnetwork:Subnetwork": google(({ region, name }) => `regions/${region}/subnetworks/${name}`),
  "gcp:compute/router:Router": google(({ region, name }) => `regions/${region}/routers/${name}`),
  "gcp:compute/routerNat:RouterNat": google(({ region, router, name }) => `${region}/${router}/${name}`, ""),
  "gcp:container/cluster:Cluster": google(({ location, name }) => `locations/${location}/clusters/${name}`),
  "gcp:container/nodePool:NodePool": google(
    ({ location, cluster, name }) => `locations/${location}/clusters/${cluster}/nodePools/${name}`,
  ),
  "gcp:serviceaccount/account:Account": (given, context) =>
    google(({ accountId }) => {
      const project = (given.project as string | undefined) ?? context.place.provider.project;
      return `serviceAccounts/${accountId}@${project}.iam.gserviceaccount.com`;
    })(given, context),
  "gcp:projects/service:Service": google(({ service }) => service as string, ""),
  "gcp:projects/iAMMember:IAMMember": inputs(({ project, role, member }) => `${project} ${role} ${member}`),
  "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": inputs(
    ({ cryptoKeyId, role, member }) => `${cryptoKeyId} ${role} ${member}`,
  ),
  "gcp:artifactregistry/repository:Repository": google(
    ({ location, repositoryId }) => `locations/${location}/repositories/${repositoryId}`,
  ),

  "aws:ec2/vpc:Vpc": ec2("vpc"),
  "aws:ec2/subnet:Subnet": ec2("subnet"),
  "aws:ec2/securityGroup:SecurityGroup": ec2("security-group"),
  "aws:ec2/launchTemplate:LaunchTemplate": ec2("launch-template"),
  "aws:ec2/internetGateway:InternetGateway": ec2("internet-gateway"),
  "aws:ec2/natGateway:NatGateway": ec2("natgateway"),
  "aws:ec2/eip:Eip": ec2("elastic-ip"),
  "aws:ec2/routeTable:RouteTable": ec2("route-table"),
  "aws:ec2/route:Route": inputs(
    ({ routeTableId, destinationCidrBlock }) => `${routeTableId}_${destinationCidrBlock}`,
  ),
  "aws:ec2/routeTableAssociation:RouteTableAssociation": inputs(
    ({ subnetId, routeTableId }) => `${subnetId}/${routeTableId}`,
  ),
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ec2("security-group-rule"),
  "aws:efs/fileSystem:FileSystem": tagged(/:file-system\/(.+)$/),
  "aws:efs/mountTarget:MountTarget": mountTarget,
  "aws:iam/role:Role": inputs(({ name }) => name as string | undefined),
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": inputs(
    ({ role, policyArn }) => `${role}/${policyArn}`,
  ),
  "aws:iam/rolePolicy:RolePolicy": inputs(({ role, name }) => `${role}:${name}`),
  "aws:eks/cluster:Cluster": inputs(({ name }) => name as string | undefined),
  "aws:eks/nodeGroup:NodeGroup": inputs(
    ({ clusterName, nodeGroupName }) => `${clusterName}:${nodeGroupName}`,
  ),
  "aws:eks/addon:Addon": inputs(({ clusterName, addonName }) => `${clusterName}:${addonName}`),
  "aws:eks/accessEntry:AccessEntry": inputs(
    ({ clusterName, principalArn }) => `${clusterName}:${principalArn}`,
  ),
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": inputs(
    ({ clusterName, principalArn, policyArn }) => `${clusterName}#${principalArn}#${policyArn}`,
  ),
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": async (given, context) => {
    const id = await tagged(/:podidentityassociation\/[^/]+\/(.+)$/)(given, context);
    return id === undefined ? undefined : `${given.clusterName},${id}`;
  },
  "aws:cloudwatch/logGroup:LogGroup": inputs(({ name }) => name as string | undefined),
  "aws:ecr/repository:Repository": inputs(({ name }) => name as string | undefined),

  "azure-native:resources:ResourceGroup": azure(() => ""),
  "azure-native:network:VirtualNetwork": azure(
    ({ virtualNetworkName }) => `/providers/Microsoft.Network/virtualNetworks/${virtualNetworkName}`,
  ),
  "azure-native:network:Subnet": azure(
    ({ virtualNetworkName, subnetName }) =>
      `/providers/Microsoft.Network/virtualNetworks/${virtualNetworkName}/subnets/${subnetName}`,
  ),
  "azure-native:managedidentity:UserAssignedIdentity": azure(
    ({ resourceName }) => `/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${resourceName}`,
  ),
  "azure-native:authorization:RoleAssignment": inputs(({ scope, roleAssignmentName }) =>
    roleAssignmentName === undefined
      ? undefined
      : `${scope}/providers/Microsoft.Authorization/roleAssignments/${roleAssignmentName}`,
  ),
  "azure-native:authorization:ManagementLockByScope": inputs(
    ({ scope, lockName }) => `${scope}/providers/Microsoft.Authorization/locks/${lockName}`,
  ),
  "azure-native:containerservice:ManagedCluster": azure(
    ({ resourceName }) => `/providers/Microsoft.ContainerService/managedClusters/${resourceName}`,
  ),
  "azure-native:containerservice:AgentPool": azure(
    ({ resourceName, agentPoolName }) =>
      `/providers/Microsoft.ContainerService/managedClusters/${resourceName}/agentPools/${agentPoolName}`,
  ),
  "azure-native:containerservice:MaintenanceConfiguration": azure(
    ({ resourceName, configName }) =>
      `/providers/Microsoft.ContainerService/managedClusters/${resourceName}/maintenanceConfigurations/${configName}`,
  ),
  "azure-native:containerregistry:Registry": azure(
    ({ registryName }) => `/providers/Microsoft.ContainerRegistry/registries/${registryName}`,
  ),
  "azure-native:operationalinsights:Workspace": azure(
    ({ workspaceName }) => `/providers/Microsoft.OperationalInsights/workspaces/${workspaceName}`,
  ),
  "azure-native:monitor:DiagnosticSetting": inputs(
    ({ resourceUri, name }) => `${resourceUri}/providers/Microsoft.Insights/diagnosticSettings/${name}`,
  ),
};

/** Namespace and name, as every Kubernetes object has them. */
const kubernetes: IdOf = ({ metadata = {} }) => {
  const { namespace, name } = metadata as { namespace?: string; name?: string };
  if (name === undefined) return undefined;
  return namespace === undefined ? name : `${namespace}/${name}`;
};

/** Whether the id of a type's resources can be told from what they were to be made of. */
export const importable = (type: string): boolean =>
  type.startsWith("kubernetes:") || IDS[type] !== undefined;

/**
 * The id under which the provider finds what a killed run was making, if it was made.
 *
 * @returns undefined where nothing tells the id; then `./ralphctl leaks` names what was made
 */
export async function importId(
  { type, inputs: given = {} }: Resource,
  place: Place,
  resources: readonly Resource[],
): Promise<string | undefined> {
  const idOf = type.startsWith("kubernetes:") ? kubernetes : IDS[type];
  const ids = resources.flatMap(({ id }) => id ?? []);
  const subscription =
    place.provider.subscriptionId ??
    ids.flatMap((id) => /^\/subscriptions\/([^/]+)\//.exec(id)?.[1] ?? [])[0] ??
    (place.cloud === "aks" ? await currentSubscription() : undefined);
  return idOf?.(given, { place, subscription, known: new Set(ids) });
}

async function currentSubscription(): Promise<string | undefined> {
  const { code, stdout } = await run("az", ["account", "show", "--output", "json"], { timeout: 60_000 });
  return code === 0 ? (JSON.parse(stdout) as { id?: string }).id : undefined;
}
