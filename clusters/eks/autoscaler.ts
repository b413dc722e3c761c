import { PodIdentityAssociation } from "@pulumi/aws/eks/podIdentityAssociation";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import type * as pulumi from "@pulumi/pulumi";
import type { NodeAutoscaler } from "../types";
import type { Config } from "./config";
import type { ControlPlane } from "./control-plane";
import { podRole } from "./roles";
import type { Scope } from "./scope";

/** Releases of cluster-autoscaler, by the minor version of Kubernetes that each is built with. */
const RELEASES: Readonly<Record<string, string>> = {
  "1.33": "v1.33.5",
  "1.34": "v1.34.4",
  "1.35": "v1.35.1",
  "1.36": "v1.36.0",
};
const USUAL_RELEASE = "v1.35.1";
const SERVICE_ACCOUNT = { name: "cluster-autoscaler", namespace: "kube-system" };

/** Whether there is anything to count. */
export const isAutoscaled = ({ nodes }: Config): boolean => nodes.autoscaler && nodes.min < nodes.max;

/** How cluster-autoscaler is started: a managed node group has the range, but nothing that counts. */
export function nodeAutoscaler({ config, region }: Scope): NodeAutoscaler | undefined {
  if (!isAutoscaled(config)) return undefined;
  const release = RELEASES[config.version ?? ""] ?? USUAL_RELEASE;
  // EKS puts these tags on what it makes for a managed node group.
  const tags = ["enabled", config.name].map((suffix) => `k8s.io/cluster-autoscaler/${suffix}`);
  return {
    image: `registry.k8s.io/autoscaling/cluster-autoscaler:${release}`,
    serviceAccount: SERVICE_ACCOUNT,
    args: ["--cloud-provider=aws", `--node-group-auto-discovery=asg:tag=${tags.join(",")}`],
    env: { AWS_REGION: region },
  };
}

const READS = [
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
const WRITES = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"];

/** What the autoscaler may do at AWS: see everything, and count the nodes of this cluster only. */
export function autoscalerAccess(scope: Scope, { name: clusterName }: ControlPlane): pulumi.Resource[] {
  const { name, config, tags, options } = scope;
  if (!isAutoscaled(config)) return [];
  const role = podRole(scope, "autoscaler", []);
  const policy = new RolePolicy(
    `${name}-autoscaler`,
    {
      role: role.name,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Action: READS, Resource: "*" },
          {
            Effect: "Allow",
            Action: WRITES,
            Resource: "*",
            Condition: {
              StringEquals: { [`aws:ResourceTag/k8s.io/cluster-autoscaler/${config.name}`]: "owned" },
            },
          },
        ],
      }),
    },
    options(),
  );
  const { name: serviceAccount, namespace } = SERVICE_ACCOUNT;
  const association = new PodIdentityAssociation(
    `${name}-autoscaler`,
    { clusterName, namespace, serviceAccount, roleArn: role.arn, tags },
    options({ dependsOn: policy }),
  );
  return [policy, association];
}
