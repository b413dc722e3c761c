import { BASE } from "../base";
import { type BadConfig, set, setPath, rm } from "./case";

/** All at once. */
export const TOGETHER: readonly BadConfig[] = [
  {
    name: "everything at once: the cluster, an unknown key, a type, a secret, two rules",
    config: {
      ...BASE,
      cluster: { ...BASE.cluster, context: "prod" },
      presistence: {},
      replicaCount: "two",
      apiKeys: { claude: "sk-ant-canary" },
      autoscaling: { minReplicas: 12 },
      argocd: { enabled: true },
    },
    secretKeys: [],
    expected: [
      { key: "ralph:replicaCount", rule: /^must be a number/, fix: set("ralph:replicaCount", "<number>") },
      { key: "ralph:presistence", rule: /^unknown key/, fix: rm("ralph:presistence") },
      { key: "ralph:apiKeys.claude", rule: /plain text/, fix: /--secret --path ralph:apiKeys\.claude$/ },
      {
        key: "ralph:cluster.context",
        rule: /has no context/,
        fix: setPath("ralph:cluster.context", "<context>"),
      },
      {
        key: "ralph:autoscaling.minReplicas",
        rule: /above/,
        fix: setPath("ralph:autoscaling.maxReplicas", "12"),
      },
      {
        key: "ralph:argocd.repoURL",
        rule: /^is missing/,
        fix: /^pulumi config set --path ralph:argocd\.repoURL/,
      },
    ],
  },
  {
    name: "rules between keys, which are reported even if the cluster is invalid",
    config: { ...BASE, cluster: { storageClass: "fast" }, autoscaling: { minReplicas: 12 } },
    expected: [
      {
        key: "ralph:cluster.storageClass",
        rule: /^must be a map of keys; it is "fast"$/,
        fix: rm("--path ralph:cluster.storageClass"),
      },
      {
        key: "ralph:autoscaling.minReplicas",
        rule: /above/,
        fix: setPath("ralph:autoscaling.maxReplicas", "12"),
      },
    ],
  },
];
