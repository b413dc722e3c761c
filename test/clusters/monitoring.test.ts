/**
 * Proves what kube-prometheus-stack is installed with, which are the values that a cluster of these clouds needs, and how an
 * operator of others is told from the stack's own. That it is refused is in test/engine/monitoring.test.ts.
 */
import assert from "node:assert/strict";
import { otherOperator } from "../../clusters/addons/operator";
import { STACK_LABEL } from "../../lib/stack-label";
import { SECRET_KEYS } from "../support/bad-configs";
import { runStack } from "../support/stack";
import { changed, DEFAULT, KIND } from "../support/workload";

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
    assert.deepEqual(values.defaultRules.rules, {
      etcd: false,
      kubeControllerManager: false,
      kubeProxy: false,
      kubeSchedulerAlerting: false,
      kubeSchedulerRecording: false,
    });
  });

  it("selects monitors and rules of every stack, whatever their labels", async () => {
    const run = await changed({ monitoring: { install: "kube-prometheus-stack" } });
    const { values } = run.find("kubernetes:helm.sh/v4:Chart", "kube-prometheus-stack").inputs;
    for (const kind of ["serviceMonitor", "podMonitor", "rule"])
      assert.equal(values.prometheus.prometheusSpec[`${kind}SelectorNilUsesHelmValues`], false, kind);
  });
});

describe("kube-prometheus-stack, as configured", () => {
  const installed = async (monitoring: object) => {
    const run = await changed({ monitoring: { install: "kube-prometheus-stack", ...monitoring } });
    return { run, chart: run.find("kubernetes:helm.sh/v4:Chart", "kube-prometheus-stack").inputs };
  };

  it("is small by default: no volume, no Alertmanager, no Grafana", async () => {
    const { run, chart } = await installed({});
    assert.equal(chart.version, "78.4.0");
    assert.deepEqual(
      [chart.values.alertmanager, chart.values.grafana],
      [{ enabled: false }, { enabled: false }],
    );
    const { prometheusSpec } = chart.values.prometheus;
    assert.equal(prometheusSpec.retention, "7d");
    assert.deepEqual(
      ["storageSpec", "retentionSize"].filter((key) => key in prometheusSpec),
      [],
    );
    assert.ok(!run.ofType(KIND.secret).some(({ name }) => name === "ralph-grafana"));
  });

  it("has a volume of the cluster's class, which data does not fill", async () => {
    const { chart } = await installed({ storage: { size: "20Gi" }, retention: "30d" });
    const { retention, retentionSize, storageSpec } = chart.values.prometheus.prometheusSpec;
    assert.deepEqual(
      { retention, retentionSize, storageSpec },
      {
        retention: "30d",
        retentionSize: "17408MiB",
        storageSpec: {
          volumeClaimTemplate: {
            spec: {
              storageClassName: "standard",
              accessModes: ["ReadWriteOnce"],
              resources: { requests: { storage: "20Gi" } },
            },
          },
        },
      },
    );
  });

  it("sends alerts by the configuration in a Secret", async () => {
    const { chart } = await installed({ alertmanager: { enabled: true, existingSecret: "receivers" } });
    const { enabled, alertmanagerSpec } = chart.values.alertmanager;
    const { useExistingSecret, configSecret } = alertmanagerSpec;
    assert.deepEqual([enabled, useExistingSecret, configSecret], [true, true, "receivers"]);
  });

  it("has a Grafana whose password is in a Secret, and not in the values", async () => {
    const monitoring = { install: "kube-prometheus-stack", grafana: { adminPassword: "canary-grafana" } };
    const run = await runStack({
      config: { ...DEFAULT, monitoring },
      secretKeys: [...SECRET_KEYS, "monitoring"],
    });
    const { inputs: chart } = run.find("kubernetes:helm.sh/v4:Chart", "kube-prometheus-stack");
    const secret = run.find(KIND.secret, "ralph-grafana");
    assert.deepEqual(secret.inputs.stringData, { user: "admin", password: "canary-grafana" });
    assert.deepEqual(secret.secret, ["stringData"]);
    assert.equal(chart.values.grafana.admin.existingSecret, secret.inputs.metadata.name);
    assert.doesNotMatch(JSON.stringify(chart), /canary-grafana/);
  });

  it("takes the user's values last: maps are merged, lists replaced", async () => {
    const { chart } = await installed({
      chartVersion: "88.5.3",
      values: {
        prometheus: { prometheusSpec: { retention: "90d", tolerations: [] } },
        nodeExporter: { enabled: true },
        kubelet: { enabled: false },
      },
    });
    const { values, version } = chart;
    assert.equal(version, "88.5.3");
    const { retention, tolerations, ruleSelectorNilUsesHelmValues } = values.prometheus.prometheusSpec;
    assert.deepEqual([retention, tolerations, ruleSelectorNilUsesHelmValues], ["90d", [], false]);
    assert.deepEqual([values.nodeExporter, values.kubelet], [{ enabled: true }, { enabled: false }]);
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
