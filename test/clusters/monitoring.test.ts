/**
 * Proves what kube-prometheus-stack is installed with, which are the values that a cluster of these clouds needs, and how an
 * operator of others is told from the stack's own. That it is refused is in test/engine/monitoring.test.ts.
 */
import assert from "node:assert/strict";
import { otherOperator } from "../../clusters/addons/operator";
import { STACK_LABEL } from "../../lib/stack-label";
import { changed } from "../support/workload";

describe("kube-prometheus-stack", () => {
  it("runs on Arm nodes, which GKE taints, and watches no control plane that no one can see", async () => {
    const run = await changed({ monitoring: { install: "kube-prometheus-stack" } });
    const { values } = run.find("kubernetes:helm.sh/v4:Chart", "kube-prometheus-stack").inputs;
    const tolerations = [
      { key: "kubernetes.io/arch", operator: "Equal", value: "arm64", effect: "NoSchedule" },
    ];
    assert.deepEqual(values["kube-state-metrics"], { tolerations });
    assert.deepEqual(values.prometheusOperator.tolerations, tolerations);
    assert.deepEqual(values.prometheus.prometheusSpec.tolerations, tolerations);
    for (const part of ["kubeControllerManager", "kubeScheduler", "kubeEtcd", "kubeProxy"])
      assert.deepEqual(values[part], { enabled: false }, part);
  });

  it("selects monitors and rules of every stack, whatever their labels", async () => {
    const run = await changed({ monitoring: { install: "kube-prometheus-stack" } });
    const { values } = run.find("kubernetes:helm.sh/v4:Chart", "kube-prometheus-stack").inputs;
    for (const kind of ["serviceMonitor", "podMonitor", "rule"])
      assert.equal(values.prometheus.prometheusSpec[`${kind}SelectorNilUsesHelmValues`], false, kind);
  });
});

describe("an operator in the cluster", () => {
  const by = (...managers: string[]) => ({
    metadata: { managedFields: [...managers, "kube-apiserver"].map((manager) => ({ manager })) },
  });
  const of = (stack?: string) => ({
    metadata: { labels: (stack === undefined ? {} : { [STACK_LABEL]: stack }) as Record<string, string> },
  });
  const cases: [what: string, ...held: Parameters<typeof otherOperator>, installed: string | undefined][] = [
    ["does not exist", undefined, of("b"), "a", undefined],
    ["was installed by Helm", by("helm"), undefined, "a", "not by Pulumi"],
    [
      "was installed by kubectl, beside a namespace of this stack",
      by("kubectl-create"),
      of("a"),
      "a",
      "not by Pulumi",
    ],
    ["is this stack's", by("pulumi-kubernetes-1a2b3c4d"), of("a"), "a", undefined],
    ["is this stack's, whose name no label can hold", by("pulumi-kubernetes"), of("a"), "_a", undefined],
    ["is of a release that did not label its namespace", by("pulumi-kubernetes"), of(), "a", undefined],
    ["is another stack's", by("pulumi-kubernetes"), of("b"), "a", "by stack b"],
  ];
  for (const [what, kind, namespace, stack, installed] of cases)
    it(what, () => assert.equal(otherOperator(kind, namespace, stack), installed));
});
