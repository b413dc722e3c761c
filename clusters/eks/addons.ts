import { Addon } from "@pulumi/aws/eks/addon";
import * as pulumi from "@pulumi/pulumi";
import type { AddonName } from "./config";
import type { ControlPlane } from "./control-plane";
import { createPodRole, ROLE_NAMESPACE } from "./identity";
import { createPolicy } from "./pod-access";
import { addonVersion } from "./releases";
import type { Scope } from "./scope";

interface Permission {
  readonly actions: readonly string[];
  readonly resource: pulumi.Input<string>;
  readonly condition?: object;
}

export interface AddonSpec {
  readonly addon: AddonName;
  /** Configuration; `aws eks describe-addon-configuration` prints its schema. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** The service account that calls AWS, and what it may do: managed policies, and actions on resources. */
  readonly identity?: {
    readonly serviceAccount: string;
    readonly namespace?: string;
    readonly policies: readonly string[];
    readonly may?: readonly Permission[];
  };
  /** Keep the software in the cluster when the add-on is deleted. */
  readonly preserve?: boolean;
}

/** Nodes need these to become ready; preserved, because they clean up after pods until the last node is gone. */
const NETWORK_ADDONS: readonly AddonSpec[] = [
  {
    addon: "vpc-cni",
    values: {
      enableNetworkPolicy: "true",
      // Without prefixes, a t3.medium has addresses for 17 pods only, system pods included.
      env: { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" },
    },
    identity: { serviceAccount: "aws-node", policies: ["AmazonEKS_CNI_Policy"] },
    preserve: true,
  },
  { addon: "kube-proxy", preserve: true },
  { addon: "eks-pod-identity-agent", preserve: true },
];

/** These become active only once there are nodes to run on. */
const nodeAddons = ({ tags, config }: Scope): readonly AddonSpec[] => [
  { addon: "coredns" },
  { addon: "metrics-server" },
  {
    addon: "aws-ebs-csi-driver",
    values: { controller: { extraVolumeTags: tags } },
    identity: {
      serviceAccount: "ebs-csi-controller-sa",
      // For volumes with the driver's own tag, not for every volume of the account.
      policies: ["AmazonEBSCSIDriverPolicyV2"],
      ...(config.storage.kmsKey === undefined ? {} : { may: useOfKey(config.storage.kmsKey) }),
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

/** Creates the add-ons without which no node becomes ready. */
export const createNetworkAddons = (scope: Scope, controlPlane: ControlPlane): pulumi.Resource[] =>
  NETWORK_ADDONS.flatMap((spec) => createAddon(scope, controlPlane, spec, []));

/** Creates the add-ons that run on the nodes: DNS, metrics, volumes. */
export const createNodeAddons = (
  scope: Scope,
  controlPlane: ControlPlane,
  nodes: readonly pulumi.Resource[],
): pulumi.Resource[] => nodeAddons(scope).flatMap((spec) => createAddon(scope, controlPlane, spec, nodes));

/** Creates the add-on for snapshots, whose kinds no cluster of EKS has without it. */
export const createSnapshotController = (
  scope: Scope,
  controlPlane: ControlPlane,
  nodes: readonly pulumi.Resource[],
): pulumi.Resource[] => createAddon(scope, controlPlane, { addon: "snapshot-controller" }, nodes);

/** Creates one add-on. The result includes its permissions, which must outlive everything that uses the add-on. */
export function createAddon(
  scope: Scope,
  controlPlane: ControlPlane,
  { addon: addonName, values, identity, preserve = false }: AddonSpec,
  dependencies: readonly pulumi.Resource[],
): pulumi.Resource[] {
  const { name, tags, options } = scope;
  const role =
    identity === undefined
      ? undefined
      : createPodRole(
          scope,
          addonName,
          { name: identity.serviceAccount, namespace: identity.namespace ?? ROLE_NAMESPACE },
          identity.policies,
        );
  const permissions = [
    ...(role?.attachments ?? []),
    ...(role === undefined || identity?.may === undefined
      ? []
      : [createPolicy(scope, addonName, role, statementsOf(identity.may))]),
  ];
  const addon = new Addon(
    `${name}-${addonName}`,
    {
      clusterName: controlPlane.name,
      addonName,
      addonVersion: addonVersion(scope, controlPlane, addonName),
      ...(values === undefined ? {} : { configurationValues: JSON.stringify(values) }),
      ...(role === undefined || identity === undefined
        ? {}
        : { podIdentityAssociations: [{ roleArn: role.arn, serviceAccount: identity.serviceAccount }] }),
      resolveConflictsOnCreate: "OVERWRITE",
      resolveConflictsOnUpdate: "OVERWRITE",
      preserve,
      tags,
    },
    options({ dependsOn: [...dependencies, ...permissions], customTimeouts: SLOW }),
  );
  return [...permissions, addon];
}

const statementsOf = (permissions: readonly Permission[]): pulumi.Output<object[]> =>
  pulumi.output(
    permissions.map(({ actions, resource, condition }) => ({
      Effect: "Allow",
      Action: actions,
      Resource: resource,
      ...(condition === undefined ? {} : { Condition: condition }),
    })),
  );

/** https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html */
const useOfKey = (resource: string): readonly Permission[] => [
  {
    actions: ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
    resource,
    condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
  },
  {
    actions: [
      "kms:Encrypt",
      "kms:Decrypt",
      "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
      "kms:GenerateDataKey",
      "kms:GenerateDataKeyWithoutPlaintext",
      "kms:DescribeKey",
    ],
    resource,
  },
];

const SLOW = { create: "30m", update: "30m", delete: "30m" };
