import { Addon } from "@pulumi/aws/eks/addon";
import type * as pulumi from "@pulumi/pulumi";
import type { ControlPlane } from "./control-plane";
import { podRole } from "./roles";
import type { Scope } from "./scope";

interface AddonSpec {
  readonly addon: string;
  /** As `aws eks describe-addon-configuration` describes it. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** The service account that calls AWS, and the managed policies it needs. */
  readonly identity?: { readonly serviceAccount: string; readonly policies: readonly string[] };
  /** Its software stays in the cluster when the add-on goes. */
  readonly preserve?: boolean;
}

/** A node is not ready without a network. What outlives the nodes cleans up behind them. */
const beforeNodes: readonly AddonSpec[] = [
  {
    addon: "vpc-cni",
    values: {
      enableNetworkPolicy: "true",
      // Else a t3.medium has addresses for 17 pods, its own included.
      env: { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" },
    },
    identity: { serviceAccount: "aws-node", policies: ["AmazonEKS_CNI_Policy"] },
    preserve: true,
  },
  { addon: "kube-proxy", preserve: true },
  { addon: "eks-pod-identity-agent", preserve: true },
];

/** These come up only where there are nodes to run on. */
const onNodes = (tags: Scope["tags"]): readonly AddonSpec[] => [
  { addon: "coredns" },
  { addon: "metrics-server" },
  {
    addon: "aws-ebs-csi-driver",
    values: { controller: { extraVolumeTags: tags } },
    identity: {
      serviceAccount: "ebs-csi-controller-sa",
      policies: ["service-role/AmazonEBSCSIDriverPolicy"],
    },
  },
  {
    addon: "aws-efs-csi-driver",
    identity: {
      serviceAccount: "efs-csi-controller-sa",
      policies: ["service-role/AmazonEFSCSIDriverPolicy"],
    },
  },
];

/** The add-ons without which no node becomes ready. */
export const networkAddons = (scope: Scope, cluster: ControlPlane): pulumi.Resource[] =>
  beforeNodes.flatMap((spec) => addon(scope, cluster, spec, []));

/** The add-ons that run on the nodes: names, metrics, volumes. */
export const nodeAddons = (
  scope: Scope,
  cluster: ControlPlane,
  nodes: readonly pulumi.Resource[],
): pulumi.Resource[] => onNodes(scope.tags).flatMap((spec) => addon(scope, cluster, spec, nodes));

/** The add-on, and the permissions that whatever needs the add-on needs too. */
function addon(
  scope: Scope,
  { name: clusterName }: ControlPlane,
  { addon: addonName, values, identity, preserve = false }: AddonSpec,
  after: readonly pulumi.Resource[],
): pulumi.Resource[] {
  const { name, tags, options } = scope;
  const role = identity === undefined ? undefined : podRole(scope, addonName, identity.policies);
  const made = new Addon(
    `${name}-${addonName}`,
    {
      clusterName,
      addonName,
      ...(values === undefined ? {} : { configurationValues: JSON.stringify(values) }),
      ...(role === undefined || identity === undefined
        ? {}
        : { podIdentityAssociations: [{ roleArn: role.arn, serviceAccount: identity.serviceAccount }] }),
      resolveConflictsOnCreate: "OVERWRITE",
      resolveConflictsOnUpdate: "OVERWRITE",
      preserve,
      tags,
    },
    options({ dependsOn: [...after, ...(role?.attachments ?? [])], customTimeouts: SLOW }),
  );
  return [...(role?.attachments ?? []), made];
}

const SLOW = { create: "30m", update: "30m", delete: "30m" };
