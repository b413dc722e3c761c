/** Proves the HTTPRoute and the Service that it and an Ingress lead to: neither exists by default, and no path leads to the metrics. */
import assert from "node:assert/strict";
import { changed, defaults, everything, KIND, manifest, podOf } from "../support/workload";

const gateway = {
  enabled: true,
  parentRefs: [{ name: "public", namespace: "gateways", sectionName: "https" }],
  hosts: ["ralph.example.com"],
  annotations: { "a/b": "c" },
};

describe("HTTPRoute ralph-orchestrator", () => {
  it("does not exist by default, nor does its Service", async () => {
    const run = await defaults();
    assert.deepEqual(run.ofType(KIND.httpRoute), []);
    assert.deepEqual(
      run.ofType(KIND.service).map(({ inputs }) => inputs.metadata.name),
      ["ralph-metrics"],
    );
  });

  it("routes from the Gateways to the status page", async () => {
    assert.deepEqual(
      (await changed({ gateway })).find(KIND.httpRoute, "ralph-orchestrator").inputs,
      manifest(`
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata:
          name: ralph-orchestrator
          namespace: ralph-orchestrator
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
          annotations:
            a/b: c
            pulumi.com/deletionPropagationPolicy: background
        spec:
          parentRefs:
            - name: public
              namespace: gateways
              sectionName: https
          hostnames: [ralph.example.com]
          rules:
            - matches:
                - path: { type: PathPrefix, value: / }
              backendRefs:
                - name: ralph-status
                  port: 80
      `),
    );
  });

  it("leaves the host names to the listeners", async () => {
    const run = await changed({ gateway: { enabled: true, parentRefs: [{ name: "public" }] } });
    const { spec } = run.find(KIND.httpRoute, "ralph-orchestrator").inputs;
    assert.equal("hostnames" in spec, false);
    assert.deepEqual(spec.parentRefs, [{ name: "public" }]);
  });
});

describe("Service ralph-status", () => {
  it("selects the workers, which serve the status page alone on that port", async () => {
    for (const run of [await everything(), await changed({ gateway })]) {
      assert.deepEqual(
        run.find(KIND.service, "ralph-status").inputs,
        manifest(`
          apiVersion: v1
          kind: Service
          metadata:
            name: ralph-status
            namespace: ralph-orchestrator
            labels:
              app: ralph-orchestrator
              app.kubernetes.io/name: ralph-orchestrator
            annotations:
              pulumi.com/skipAwait: "true"
          spec:
            type: ClusterIP
            selector:
              app: ralph-orchestrator
              app.kubernetes.io/component: worker
            ports:
              - name: status
                port: 80
                targetPort: 8081
        `),
      );
      const [worker] = run.ofType(KIND.deployment);
      const [container] = podOf(worker ?? assert.fail()).spec.containers;
      assert.deepEqual(container.ports, [
        { name: "metrics", containerPort: 8080 },
        { name: "status", containerPort: 8081 },
      ]);
      assert.deepEqual(
        container.env.filter(({ name }: { name: string }) => name === "RALPH_STATUS_PORT"),
        [{ name: "RALPH_STATUS_PORT", value: "8081" }],
      );
    }
  });
});
