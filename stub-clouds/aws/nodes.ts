import type { Context, Values } from "../types";
import { isFor } from "./published";
import { overVcpus } from "./quotas";
import { hasPolicy, trusts } from "./roles";
import { offeredTypes } from "./zones";

/** What EKS says of a node group at once. */
export function nodeGroup(inputs: Values, context: Context): readonly string[] {
  const { instanceTypes = [], nodeRoleArn, releaseVersion, scalingConfig, subnetIds, version } = inputs;
  const { minSize, desiredSize, maxSize } = scalingConfig;
  return [
    ...(minSize > desiredSize
      ? [`Minimum capacity ${minSize} can't be greater than desired size ${desiredSize}`]
      : []),
    ...(desiredSize > maxSize
      ? [`desired capacity ${desiredSize} can't be greater than max size ${maxSize}`]
      : []),
    // https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateNodegroupVersion.html (releaseVersion)
    ...(releaseVersion === undefined || isFor(version as string, releaseVersion as string)
      ? []
      : [`Requested release version ${releaseVersion} is not valid for kubernetes version ${version}.`]),
    // https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html
    ...(trusts(context, nodeRoleArn, "ec2.amazonaws.com", ["sts:AssumeRole"])
      ? []
      : [
          "Following required service principals [ec2.amazonaws.com] were not found in the trust relationships",
        ]),
    ...offeredTypes(instanceTypes as string[], subnetIds as string[], context),
  ];
}

/**
 * Why the nodes of a group never become ready, which EKS finds after half an hour:
 * https://docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html#managed-node-group-errors
 */
export function nodeFailure(inputs: Values, context: Context): string | undefined {
  const { clusterName, nodeRoleArn, subnetIds } = inputs;
  const stranded = (subnetIds as string[]).filter((id) => !hasRouteOut(id, context));
  const [reason] = [
    ...overVcpus(inputs, context),
    ...(hasPolicy(context, nodeRoleArn, "AmazonEKSWorkerNodePolicy") && stranded.length === 0
      ? []
      : ["NodeCreationFailure: Instances failed to join the kubernetes cluster"]),
    ...(hasNetwork(String(clusterName), nodeRoleArn, context)
      ? []
      : ["NodeCreationFailure: container runtime network not ready: cni plugin not initialized"]),
  ];
  return reason && `unexpected state 'CREATE_FAILED', wanted target 'ACTIVE'. last error: ${reason}`;
}

/**
 * Whether the CNI runs and may assign addresses: by its own role, for which the pod identity agent must run too
 * (https://github.com/aws/amazon-vpc-cni-k8s/issues/3840), or by the nodes'.
 * https://docs.aws.amazon.com/eks/latest/userguide/cni-iam-role.html
 */
function hasNetwork(cluster: string, nodeRoleArn: unknown, context: Context): boolean {
  const addOn = (name: string) => context.find("aws:eks/addon:Addon", `${cluster}:${name}`);
  const bootstrapped =
    context.find("aws:eks/cluster:Cluster", cluster)?.inputs.bootstrapSelfManagedAddons !== false;
  const cni = addOn("vpc-cni");
  if (cni === undefined && !bootstrapped) return false;
  const identities = (cni?.inputs.podIdentityAssociations ?? []) as readonly Values[];
  const own = identities.find(({ serviceAccount }) => serviceAccount === "aws-node");
  return own === undefined
    ? hasPolicy(context, nodeRoleArn, "AmazonEKS_CNI_Policy")
    : addOn("eks-pod-identity-agent") !== undefined &&
        hasPolicy(context, own.roleArn, "AmazonEKS_CNI_Policy");
}

const ANYWHERE = "0.0.0.0/0";

/** Whether a subnet's traffic reaches the internet, through a NAT gateway if its machines have no public address. */
function hasRouteOut(subnetId: unknown, context: Context): boolean {
  const route = defaultRoute(subnetId, context);
  if (route?.gatewayId !== undefined) return true;
  const nat = context.find("aws:ec2/natGateway:NatGateway", route?.natGatewayId);
  return nat !== undefined && defaultRoute(nat.inputs.subnetId, context)?.gatewayId !== undefined;
}

function defaultRoute(subnetId: unknown, { all }: Context): Values | undefined {
  const table = all("aws:ec2/routeTableAssociation:RouteTableAssociation").find(
    ({ inputs }) => inputs.subnetId === subnetId,
  )?.inputs.routeTableId as unknown;
  return all("aws:ec2/route:Route").find(
    ({ inputs }) => inputs.routeTableId === table && inputs.destinationCidrBlock === ANYWHERE,
  )?.inputs;
}
