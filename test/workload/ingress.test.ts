/** Proves the Ingress, off by default, and how its class and annotations follow from configuration and cluster. */
import assert from "node:assert/strict";
import { OWNS_ITS_FIELDS } from "../../lib/field-owner";
import type { StackConfig } from "../support/stack";
import { changed, defaults, everything, KIND, manifest } from "../support/workload";

describe("Ingress ralph-orchestrator", () => {
  it("does not exist by default", async () => {
    assert.deepEqual((await defaults()).ofType(KIND.ingress), []);
  });

  it("routes to the Service, with the cluster's class", async () => {
    assert.deepEqual(
      (await everything()).find(KIND.ingress, "ralph-orchestrator").inputs,
      manifest(`
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: ralph-orchestrator
          namespace: ralph-orchestrator
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
          annotations:
            pulumi.com/skipAwait: "true"
        spec:
          ingressClassName: nginx
          tls:
            - secretName: ralph-tls
              hosts: [ralph.example.com]
          rules:
            - host: ralph.example.com
              http:
                paths:
                  - path: /
                    pathType: Prefix
                    backend:
                      service:
                        name: ralph-status
                        port:
                          number: 80
      `),
    );
  });

  const ofCluster = { className: "alb", annotations: { "a/both": "cluster", "a/cluster": "1" } };
  const annotations = { "a/both": "stack", "a/stack": "1" };
  const SKIP = { "pulumi.com/skipAwait": "true" };
  const classes: [what: string, ingress: StackConfig, className: string | undefined, all: object][] = [
    [
      "the cluster's class and annotations, under its own",
      { annotations },
      "alb",
      { ...ofCluster.annotations, ...annotations },
    ],
    [
      "a class of its own, without the annotations for another",
      { className: "nginx", annotations },
      "nginx",
      annotations,
    ],
    [
      "an old controller's annotation in place of the class",
      { annotations: { "kubernetes.io/ingress.class": "gce" } },
      undefined,
      { ...ofCluster.annotations, "kubernetes.io/ingress.class": "gce" },
    ],
  ];
  for (const [what, ingress, className, all] of classes) {
    it(`has ${what}`, async () => {
      const hosts = [{ host: "ralph.example.com" }];
      const run = await changed({ ingress: { enabled: true, hosts, ...ingress } }, { ingress: ofCluster });
      const { metadata, spec } = run.find(KIND.ingress, "ralph-orchestrator").inputs;
      assert.equal(spec.ingressClassName, className);
      assert.deepEqual(metadata.annotations, { ...all, ...SKIP, ...OWNS_ITS_FIELDS });
    });
  }

  it("has cert-manager issue its certificates", async () => {
    const tls = [{ secretName: "ralph-tls", hosts: ["ralph.example.com"] }];
    const hosts = [{ host: "ralph.example.com" }];
    const annotationsOf = async (certManager: StackConfig) =>
      (await changed({ ingress: { enabled: true, hosts, tls, certManager } })).find(
        KIND.ingress,
        "ralph-orchestrator",
      ).inputs.metadata.annotations;
    assert.deepEqual(await annotationsOf({ clusterIssuer: "letsencrypt" }), {
      "cert-manager.io/cluster-issuer": "letsencrypt",
      ...SKIP,
      ...OWNS_ITS_FIELDS,
    });
    assert.deepEqual(await annotationsOf({ issuer: "own" }), {
      "cert-manager.io/issuer": "own",
      ...SKIP,
      ...OWNS_ITS_FIELDS,
    });
  });

  it("has hosts, paths and certificates as configured", async () => {
    const run = await changed({
      ingress: {
        enabled: true,
        hosts: [{ host: "*.example.com", paths: [{ path: "/r", pathType: "Exact" }, { path: "/s" }] }],
        tls: [{ secretName: "cert", hosts: ["*.example.com"] }],
      },
    });
    const { spec } = run.find(KIND.ingress, "ralph-orchestrator").inputs;
    assert.deepEqual(spec.tls, [{ secretName: "cert", hosts: ["*.example.com"] }]);
    const backend = { service: { name: "ralph-status", port: { number: 80 } } };
    assert.deepEqual(spec.rules, [
      {
        host: "*.example.com",
        http: {
          paths: [
            { path: "/r", pathType: "Exact", backend },
            { path: "/s", pathType: "Prefix", backend },
          ],
        },
      },
    ]);
  });
});
