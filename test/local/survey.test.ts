import assert from "node:assert/strict";

import type { RunResult } from "../../lib/process";
import { configurationFor, type Survey, surveyCluster } from "../../local/survey";

const result = (code: number, stdout = ""): RunResult => ({ code, stdout, stderr: "" });
const target = { kubeconfig: "/home/u/.kube/config", context: "kind-x" };

describe("the survey of a cluster", () => {
  it("reads what exists, and treats a refusal as absence", async () => {
    const classes = {
      items: [
        { metadata: { name: "slow" } },
        {
          metadata: { name: "fast", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
        },
      ],
    };
    const survey = await surveyCluster(async (args) => {
      if (args.includes("storageclasses")) return result(0, JSON.stringify(classes));
      return result(args.includes("/apis/metrics.k8s.io/v1beta1") ? 0 : 1);
    });
    assert.deepEqual(survey, {
      defaultStorageClass: "fast",
      metricsApi: true,
      serviceMonitors: false,
      monitoringNamespace: false,
    } satisfies Survey);
  });

  it("turns off what a bare cluster does not have", () => {
    const bare = { metricsApi: false, serviceMonitors: false, monitoringNamespace: false };
    assert.deepEqual(configurationFor(bare, target, "agents"), {
      "ralph:cloud": "existing",
      "ralph:cluster": { ...target, metricsApi: false },
      "ralph:persistence": { cache: { kind: "emptyDir" } },
      "ralph:monitoring": { serviceMonitor: { enabled: false }, prometheusConfig: { enabled: false } },
      "ralph:namespace": "agents",
    });
  });

  it("leaves a full cluster to the program's defaults", () => {
    const full = {
      defaultStorageClass: "fast",
      metricsApi: true,
      serviceMonitors: true,
      monitoringNamespace: true,
    };
    assert.deepEqual(configurationFor(full, target), {
      "ralph:cloud": "existing",
      "ralph:cluster": { ...target, storageClass: { rwo: "fast" } },
      "ralph:persistence": { cache: { kind: "emptyDir" } },
    });
  });
});
