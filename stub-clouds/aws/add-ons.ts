import { isMap } from "../engine-values";
import type { Context, Values } from "../types";
import { isFor } from "./published";

/** https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html */
const NAMES = [
  "amazon-cloudwatch-observability",
  "aws-ebs-csi-driver",
  "aws-efs-csi-driver",
  "aws-fsx-csi-driver",
  "aws-guardduty-agent",
  "aws-mountpoint-s3-csi-driver",
  "coredns",
  "eks-node-monitoring-agent",
  "eks-pod-identity-agent",
  "kube-proxy",
  "metrics-server",
  "snapshot-controller",
  "vpc-cni",
];

/** Its pods are a Deployment, which needs nodes; those of the others are on every node there is. */
const NEED_NODES = [
  "amazon-cloudwatch-observability",
  "aws-ebs-csi-driver",
  "aws-efs-csi-driver",
  "coredns",
  "metrics-server",
  "snapshot-controller",
];

const BUILD = /^v\d+\.\d+\.\d+-eksbuild\.\d+$/;

/** A regular expression is a format of text. */
type Schema = "any" | RegExp | { readonly [key: string]: Schema };

const TEXT = /^/;
const BOOLEAN = /^(true|false)$/;
const INTEGER = /^\d+$/;

/**
 * The part of the add-ons' schemas that a stack may use; keys that are not here are refused, as AWS refuses those that its
 * schema does not define. `*` is any key. The whole ones: `aws eks describe-addon-configuration`, of vpc-cni also in
 * https://github.com/aws/amazon-vpc-cni-k8s/issues/3059
 */
const SCHEMAS: Readonly<Record<string, Schema>> = {
  "vpc-cni": {
    enableNetworkPolicy: BOOLEAN,
    env: {
      ENABLE_PREFIX_DELEGATION: BOOLEAN,
      MINIMUM_IP_TARGET: INTEGER,
      WARM_ENI_TARGET: INTEGER,
      WARM_IP_TARGET: INTEGER,
      WARM_PREFIX_TARGET: INTEGER,
    },
    resources: "any",
    tolerations: "any",
  },
  "aws-ebs-csi-driver": { controller: { extraVolumeTags: { "*": TEXT }, tolerations: "any" }, node: "any" },
  // https://github.com/aws-observability/helm-charts/blob/main/charts/amazon-cloudwatch-observability/values.yaml
  "amazon-cloudwatch-observability": {
    agent: { config: "any", mode: /^(daemonset|deployment|statefulset)$/, replicas: "any", resources: "any" },
    applicationSignals: { enabled: "any", targetAgent: TEXT },
    containerInsights: { enabled: "any", targetAgent: TEXT },
    containerLogs: {
      enabled: "any",
      fluentBit: { config: { extraFiles: { "*": TEXT } }, resources: "any", tolerations: "any" },
    },
    tolerations: "any",
  },
  coredns: { affinity: "any", corefile: TEXT, resources: "any", tolerations: "any" },
};

const NOT_DEFINED = "is not defined in the schema and the schema does not allow additional properties";
const typeOf = (value: unknown): string => (isMap(value) ? "object" : typeof value);

/** The words: https://github.com/cookpad/terraform-aws-eks/pull/331, https://github.com/aws/amazon-vpc-cni-k8s/issues/2173 */
function violations(value: unknown, schema: Schema, path: string): string[] {
  if (schema === "any") return [];
  if (schema instanceof RegExp) {
    if (typeof value !== "string") return [`${path}: ${typeOf(value)} found, string expected`];
    return schema.test(value) ? [] : [`${path}: does not match the format`];
  }
  if (!isMap(value)) return [`${path}: ${typeOf(value)} found, object expected`];
  return Object.entries(value).flatMap(([key, inner]) => {
    const wanted = schema[key] ?? schema["*"];
    return wanted === undefined
      ? [`${path}.${key}: ${NOT_DEFINED}`]
      : violations(inner, wanted, `${path}.${key}`);
  });
}

/** What EKS says of an add-on's name, version and configuration. */
export function addOn(
  { addonName, addonVersion, clusterName, configurationValues }: Values,
  { find }: Pick<Context, "find">,
): readonly string[] {
  const kubernetes = find("aws:eks/cluster:Cluster", clusterName)?.outputs.version as string;
  if (!NAMES.includes(String(addonName))) return [`Addon ${addonName} specified is not supported`];
  // https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeAddonVersions.html (compatibilities)
  if (addonVersion !== undefined && !(BUILD.test(String(addonVersion)) && isFor(kubernetes, addonVersion)))
    return ["Addon version specified is not supported"];
  if (configurationValues === undefined) return [];
  const unsupported = "ConfigurationValue provided in request is not supported";
  let values: unknown;
  try {
    values = JSON.parse(String(configurationValues));
  } catch {
    return [unsupported];
  }
  const found = violations(values, SCHEMAS[String(addonName)] ?? {}, "$");
  return found.length === 0
    ? []
    : [`${unsupported}: Json schema validation failed with error: [${found.join(", ")}]`];
}

/** The provider waits for its whole timeout: https://github.com/pulumi/pulumi-eks/issues/1819 */
export function degraded({ clusterName, addonName }: Values, { all }: Context): string | undefined {
  const hasNodes = all("aws:eks/nodeGroup:NodeGroup").some(
    ({ inputs }) => inputs.clusterName === clusterName,
  );
  if (hasNodes || !NEED_NODES.includes(String(addonName))) return undefined;
  return `waiting for EKS Add-On (${clusterName}:${addonName}) create: timeout while waiting for state to become 'ACTIVE' (last state: 'DEGRADED')`;
}
