import { BASE } from "../base";
import { type BadConfig, setPath, rm } from "./case";

/** The cluster. */
export const CLUSTER: readonly BadConfig[] = [
  {
    name: "nothing set at all",
    config: {},
    expected: [{ key: "ralph:cloud", rule: /^is missing$/, fix: /^pulumi config set ralph:cloud [a-z]+$/ }],
  },
  {
    name: "a cloud that does not exist",
    config: { ...BASE, cloud: "../secrets" },
    expected: [
      {
        key: "ralph:cloud",
        rule: /^must be one of .*existing.*; it is "\.\.\/secrets"$/,
        fix: /^pulumi config set ralph:cloud [a-z]+$/,
      },
    ],
  },
  {
    name: "a kubeconfig file that does not exist",
    config: { ...BASE, cluster: { ...BASE.cluster, kubeconfig: "test/support/none.yaml" } },
    expected: [
      {
        key: "ralph:cluster.kubeconfig",
        rule: /^test\/support\/none\.yaml cannot be read: ENOENT$/,
        fix: setPath("ralph:cluster.kubeconfig", "<kubeconfig>"),
      },
    ],
  },
  {
    name: "a file that is not a kubeconfig",
    config: { ...BASE, cluster: { ...BASE.cluster, kubeconfig: "package.json" } },
    expected: [
      {
        key: "ralph:cluster.kubeconfig",
        rule: /^package\.json is not a kubeconfig$/,
        fix: setPath("ralph:cluster.kubeconfig", "<kubeconfig>"),
      },
    ],
  },
  {
    name: "a context that the kubeconfig does not have",
    config: { ...BASE, cluster: { ...BASE.cluster, context: "prod" } },
    expected: [
      {
        key: "ralph:cluster.context",
        rule: /has no context "prod"; it has ralph-test, other, without-cluster, without-user$/,
        fix: setPath("ralph:cluster.context", "<context>"),
      },
    ],
  },
  {
    name: "a context whose user does not exist",
    config: { ...BASE, cluster: { ...BASE.cluster, context: "without-user" } },
    expected: [
      {
        key: "ralph:cluster.kubeconfig",
        rule: /has no user "nobody"$/,
        fix: setPath("ralph:cluster.kubeconfig", "<kubeconfig>"),
      },
    ],
  },
  {
    name: "a resolver that is not a range, and an unknown key of the cluster",
    config: {
      ...BASE,
      cluster: { ...BASE.cluster, networkPolicy: { dnsCidrs: ["10.0.0.10"] }, storageClas: "fast" },
    },
    expected: [
      {
        key: "ralph:cluster.networkPolicy.dnsCidrs[0]",
        rule: /^must be an address range such as 10\.0\.0\.0\/8; it is "10\.0\.0\.10"$/,
        fix: setPath("'ralph:cluster.networkPolicy.dnsCidrs[0]'", "<value>"),
      },
      {
        key: "ralph:cluster.storageClas",
        rule: /^unknown key, did you mean "storageClass"\?$/,
        fix: rm("--path ralph:cluster.storageClas"),
      },
    ],
  },
];
