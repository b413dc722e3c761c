import type * as pulumi from "@pulumi/pulumi";
import type { NodeAutoscaler } from "../types";
import { autoscalerRelease } from "../versions";
import type { Config } from "./config";
import type { ControlPlane } from "./control-plane";
import { ROLE_NAMESPACE } from "./identity";
import { pools } from "./node-groups";
import { isRange } from "./node-range";
import { createPodAccess } from "./pod-access";
import type { Scope } from "./scope";
import { hasZoneGroups } from "./zone-groups";

const SERVICE_ACCOUNT = { name: "cluster-autoscaler", namespace: ROLE_NAMESPACE };

/** Whether the program runs cluster-autoscaler: it is on, and there is a range to scale in. */
const isAutoscaled = (config: Config): boolean => config.nodes.autoscaler && pools(config).some(isRange);

/** How cluster-autoscaler is started; a managed node group has a range, but does not scale by itself. */
export function nodeAutoscaler(
  { config, region }: Scope,
  { version }: ControlPlane,
): NodeAutoscaler | undefined {
  if (!isAutoscaled(config)) return undefined;
  // EKS sets these tags on the Auto Scaling group that it creates for a managed node group.
  const tags = ["enabled", config.name].map((suffix) => `k8s.io/cluster-autoscaler/${suffix}`);
  return {
    image: version.apply(
      (known) => `registry.k8s.io/autoscaling/cluster-autoscaler:${autoscalerRelease(known)}`,
    ),
    serviceAccount: SERVICE_ACCOUNT,
    args: [
      "--cloud-provider=aws",
      `--node-group-auto-discovery=asg:tag=${tags.join(",")}`,
      ...(hasZoneGroups(config) ? BALANCED : []),
    ],
    env: { AWS_REGION: region },
  };
}

/**
 * Grow the zones' groups evenly where a pod may run in any. The id of a zone is a label of its nodes, which the
 * autoscaler does not know to be one of the zone: https://github.com/kubernetes/cloud-provider-aws/issues/300
 */
const BALANCED = ["--balance-similar-node-groups", "--balancing-ignore-label=topology.k8s.aws/zone-id"];

const READ_ACTIONS = [
  "autoscaling:DescribeAutoScalingGroups",
  "autoscaling:DescribeAutoScalingInstances",
  "autoscaling:DescribeLaunchConfigurations",
  "autoscaling:DescribeScalingActivities",
  "autoscaling:DescribeTags",
  "ec2:DescribeImages",
  "ec2:DescribeInstanceTypes",
  "ec2:DescribeLaunchTemplateVersions",
  "ec2:GetInstanceTypesFromInstanceRequirements",
  "eks:DescribeNodegroup",
];
const WRITE_ACTIONS = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"];

/** Creates the autoscaler's permissions in AWS: to read everything, and to scale this cluster's nodes only. */
export function createAutoscalerAccess(scope: Scope, controlPlane: ControlPlane): pulumi.Resource[] {
  const { config } = scope;
  if (!isAutoscaled(config)) return [];
  const own = { [`aws:ResourceTag/k8s.io/cluster-autoscaler/${config.name}`]: "owned" };
  return createPodAccess(scope, controlPlane, "autoscaler", SERVICE_ACCOUNT, () => [
    { Effect: "Allow", Action: READ_ACTIONS, Resource: "*" },
    { Effect: "Allow", Action: WRITE_ACTIONS, Resource: "*", Condition: { StringEquals: own } },
  ]);
}
