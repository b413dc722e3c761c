/** Proves what kube-prometheus-stack is installed with: the values that a cluster of these clouds needs. */
import assert from "node:assert/strict";
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
});
