/**
 * Proves that a GKE stack on Arm machines comes up, on the real engine and a real scheduler: GKE taints every Arm node
 * (https://docs.cloud.google.com/kubernetes-engine/docs/how-to/prepare-arm-workloads-for-deployment), so a pod that
 * does not tolerate the taint stays Pending, and `up` would wait for Ralph's pods until it fails.
 */
import assert from "node:assert/strict";

import { createCloudClasses, deleteCloudClasses } from "./support/cloud-classes";
import { GKE } from "./support/cloud-stacks";
import { kubectl, kubectlWith } from "./support/kubectl";
import { Stack } from "./support/stack";
import { until } from "./support/until";

const ARCH = "kubernetes.io/arch";
const NAMESPACE = "gke-arm";

/** A pod that tolerates nothing. */
const plain = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "plain", namespace: "default" },
  spec: { containers: [{ name: "plain", image: "plain" }] },
};

describe("a GKE stack on Arm machines", () => {
  let stack: Stack;

  before(async () => {
    await createCloudClasses();
    await kubectl("label", "nodes", "--all", "--overwrite", `${ARCH}=arm64`);
    await kubectl("taint", "nodes", "--all", `${ARCH}=arm64:NoSchedule`);
    stack = await Stack.create({
      ...GKE,
      namespace: NAMESPACE,
      config: {
        cluster: {
          api: { public: true },
          deletionProtection: false,
          nodes: { machineType: "c4a-standard-4" },
        },
        image: { build: false },
        monitoring: { install: "none" },
      },
    });
  });
  after(async () => {
    await stack.remove();
    await kubectlWith([plain], "delete", "--ignore-not-found");
    await kubectl("taint", "nodes", "--all", `${ARCH}:NoSchedule-`);
    await kubectl("label", "nodes", "--all", "--overwrite", `${ARCH}=amd64`);
    await deleteCloudClasses();
  });

  it("has nodes on which an ordinary pod stays Pending", async () => {
    await kubectlWith([plain], "apply");
    const path = 'jsonpath={.status.conditions[?(@.type=="PodScheduled")].reason}';
    const reason = await until(
      "the scheduler has decided",
      async () => (await kubectl("get", "pod", "plain", "-n", "default", "-o", path)) || undefined,
    );
    assert.equal(reason, "Unschedulable");
  });

  it("comes up, with every pod of Ralph on a node", async () => {
    const { code, stdout, stderr } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
    const selected = ["-n", NAMESPACE, "-l", "app=ralph-orchestrator", "-o"];
    const path = "jsonpath={range .items[*]}{.metadata.name} {.spec.nodeName}{'\\n'}{end}";
    // `up` does not wait for the task's pod.
    await until("every pod is on a node", async () => {
      const pods = (await kubectl("get", "pods", ...selected, path)).trim().split("\n");
      return pods.every((pod) => / \S/.test(pod));
    });
  });
});
