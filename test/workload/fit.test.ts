/**
 * Proves what the keys for a company's cluster add to every kind of Ralph pod, and that nothing else changes: whole
 * additions to a worker and a task, the bundle of authorities, the service account, the labels of all objects.
 */
import assert from "node:assert/strict";
import { CERTIFICATE } from "../support/certificate";
import { changed, defaults, KIND, manifest, podOf } from "../support/workload";

const CONFIG = {
  proxy: { https: "http://proxy.example.com:3128", noProxy: [".corp.example.com"] },
  trustedCA: { certificates: CERTIFICATE },
  extraEnv: [
    { name: "ANTHROPIC_MODEL", value: "claude-sonnet" },
    { name: "GITHUB_TOKEN", valueFrom: { secretKeyRef: { name: "github", key: "token" } } },
  ],
  extraEnvFrom: [{ secretRef: { name: "tokens", optional: true } }],
  extraVolumes: [{ name: "tools", persistentVolumeClaim: { claimName: "tools" } }],
  extraVolumeMounts: [{ name: "tools", mountPath: "/opt/tools", readOnly: true }],
  initContainers: [{ name: "warm", image: "example/warm", command: ["true"] }],
  sidecars: [{ name: "mesh", image: "example/mesh", securityContext: { runAsUser: 1337 } }],
  nodeSelector: { pool: "agents" },
  tolerations: [{ key: "agents", operator: "Exists", effect: "NoSchedule" }],
  affinity: {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: "zone", labelSelector: { matchLabels: { app: "db" } } },
      ],
    },
  },
  priorityClassName: "low",
  runtimeClassName: "gvisor",
  terminationGracePeriodSeconds: 300,
  hostAliases: [{ ip: "10.0.0.9", hostnames: ["git.corp.example.com"] }],
  dnsConfig: { options: [{ name: "ndots", value: "2" }] },
  podLabels: { "azure.workload.identity/use": "true" },
  podAnnotations: { "sidecar.istio.io/inject": "false" },
};

/** What the configuration adds to, or replaces in, a pod without it. */
const ADDED = manifest(`
  spec:
    nodeSelector: { pool: agents }
    tolerations: [{ key: agents, operator: Exists, effect: NoSchedule }]
    priorityClassName: low
    runtimeClassName: gvisor
    terminationGracePeriodSeconds: 300
    hostAliases: [{ ip: 10.0.0.9, hostnames: [git.corp.example.com] }]
    dnsConfig: { options: [{ name: ndots, value: "2" }] }
    initContainers:
      - name: trusted-ca
        image: ghcr.io/mikeyobrien/ralph-orchestrator:v1.0.0
        imagePullPolicy: IfNotPresent
        command:
          - /bin/sh
          - -c
          - cat /etc/ssl/certs/ca-certificates.crt /etc/ralph/trusted-ca/ca.crt > /etc/ralph/ca/ca-certificates.crt
        resources:
          requests: { cpu: 10m, memory: 16Mi }
          limits: { cpu: 100m, memory: 32Mi }
        securityContext:
          allowPrivilegeEscalation: false
          capabilities: { drop: [ALL] }
          readOnlyRootFilesystem: true
        volumeMounts:
          - { name: trusted-ca, mountPath: /etc/ralph/trusted-ca, readOnly: true }
          - { name: ca, mountPath: /etc/ralph/ca }
      - name: warm
        image: example/warm
        command: ["true"]
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
      - name: mesh
        image: example/mesh
        restartPolicy: Always
        securityContext: { allowPrivilegeEscalation: false, runAsUser: 1337, capabilities: { drop: [ALL] } }
  env:
    - { name: RALPH_DRAIN, value: "240" }
    - { name: HTTPS_PROXY, value: "http://proxy.example.com:3128" }
    - { name: https_proxy, value: "http://proxy.example.com:3128" }
    - { name: NO_PROXY, value: &direct "localhost,127.0.0.1,::1,.svc,.cluster.local,$(KUBERNETES_SERVICE_HOST),.corp.example.com" }
    - { name: no_proxy, value: *direct }
    - { name: NODE_EXTRA_CA_CERTS, value: /etc/ralph/ca/ca-certificates.crt }
    - { name: SSL_CERT_FILE, value: /etc/ralph/ca/ca-certificates.crt }
    - { name: GIT_SSL_CAINFO, value: /etc/ralph/ca/ca-certificates.crt }
    - { name: CURL_CA_BUNDLE, value: /etc/ralph/ca/ca-certificates.crt }
    - { name: REQUESTS_CA_BUNDLE, value: /etc/ralph/ca/ca-certificates.crt }
    - { name: AWS_CA_BUNDLE, value: /etc/ralph/ca/ca-certificates.crt }
    - { name: ANTHROPIC_MODEL, value: claude-sonnet }
    - { name: GITHUB_TOKEN, valueFrom: { secretKeyRef: { name: github, key: token } } }
  envFrom: [{ secretRef: { name: tokens, optional: true } }]
  volumes:
    - { name: trusted-ca, configMap: { name: ralph-trusted-ca, items: [{ key: ca.crt, path: ca.crt }] } }
    - { name: ca, emptyDir: {} }
    - { name: tools, persistentVolumeClaim: { claimName: tools } }
  mounts:
    - { name: ca, mountPath: /etc/ralph/ca, readOnly: true }
    - { name: tools, mountPath: /opt/tools, readOnly: true }
`);
const TERM = { topologyKey: "zone", labelSelector: { matchLabels: { app: "db" } } };

describe("A pod in a company's cluster", () => {
  for (const [kind, name] of [
    [KIND.deployment, "ralph-orchestrator"],
    [KIND.job, "ralph-task"],
  ] as const) {
    it(`has what the keys add, and is otherwise the same: ${kind}`, async () => {
      const before = podOf((await defaults()).find(kind, name));
      const pod = podOf((await changed(CONFIG)).find(kind, name));
      const [container] = before.spec.containers;
      const own = before.spec.affinity?.podAffinity.requiredDuringSchedulingIgnoredDuringExecution ?? [];
      assert.deepEqual(pod, {
        metadata: {
          labels: { ...CONFIG.podLabels, ...before.metadata.labels },
          annotations: {
            ...CONFIG.podAnnotations,
            ...before.metadata.annotations,
            // The certificates are part of the checksum.
            ...(kind === KIND.deployment
              ? { "checksum/config": pod.metadata.annotations["checksum/config"] }
              : {}),
          },
        },
        spec: {
          ...before.spec,
          ...ADDED.spec,
          affinity: {
            podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [...own, TERM] },
          },
          containers: [
            {
              ...container,
              envFrom: [...container.envFrom, ...ADDED.envFrom],
              env: [...container.env, ...ADDED.env],
              volumeMounts: [...container.volumeMounts, ...ADDED.mounts],
            },
          ],
          volumes: [...before.spec.volumes, ...ADDED.volumes],
        },
      });
    });
  }

  it("runs a task again for its arguments only, whatever else the keys change in its Job", async () => {
    const job = (await changed(CONFIG)).find(KIND.job, "ralph-task");
    const { containers, restartPolicy, ...spec } = podOf(job).spec;
    const [{ name, args, ...container }] = containers;
    const pod = "spec.template.spec";
    assert.deepEqual(
      [
        "spec.template.metadata",
        ...Object.keys(spec).map((key) => `${pod}.${key}`),
        ...Object.keys(container).map((key) => `${pod}.containers[0].${key}`),
      ].filter((path) => !job.ignoreChanges.includes(path)),
      [],
    );
    // Neither is the user's to change.
    assert.deepEqual([restartPolicy, name, args.length], ["Never", "ralph", 3]);
  });

  it("restarts when the certificates change", async () => {
    const sum = async (config: Record<string, unknown>) => {
      const { inputs } = (await changed(config)).find(KIND.deployment, "ralph-orchestrator");
      return inputs.spec.template.metadata.annotations["checksum/config"];
    };
    assert.notEqual(await sum({ trustedCA: { certificates: CERTIFICATE } }), await sum({}));
  });

  it("reads certificates from a ConfigMap of the cluster", async () => {
    const run = await changed({ trustedCA: { existingConfigMap: "corporate", key: "bundle.pem" } });
    const { volumes } = podOf(run.find(KIND.deployment, "ralph-orchestrator")).spec;
    assert.deepEqual(volumes.find(({ name }: { name: string }) => name === "trusted-ca").configMap, {
      name: "corporate",
      items: [{ key: "bundle.pem", path: "ca.crt" }],
    });
    assert.ok(run.ofType(KIND.configMap).every(({ inputs }) => inputs.metadata.name !== "ralph-trusted-ca"));
  });

  it("runs on the nodes of both the cluster and the user", async () => {
    const run = await changed({
      persistence: { workspace: { accessMode: "ReadWriteMany" } },
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "DoNotSchedule" },
      ],
    });
    const { topologySpreadConstraints } = podOf(run.find(KIND.deployment, "ralph-orchestrator")).spec;
    assert.deepEqual(topologySpreadConstraints, [
      {
        labelSelector: {
          matchLabels: { app: "ralph-orchestrator", "app.kubernetes.io/component": "worker" },
        },
        maxSkew: 1,
        topologyKey: "topology.kubernetes.io/zone",
        whenUnsatisfiable: "DoNotSchedule",
      },
    ]);
  });
});

describe("The service account of Ralph's pods", () => {
  const named = async (config: Record<string, unknown>) => {
    const run = await changed({ serviceAccount: config });
    return {
      accounts: run.ofType(KIND.serviceAccount).map(({ inputs }) => inputs.metadata),
      pod: podOf(run.find(KIND.deployment, "ralph-orchestrator")).spec.serviceAccountName,
      subjects: run.ofType(KIND.roleBinding).map(({ inputs }) => inputs.subjects[0].name),
    };
  };

  it("has annotations and labels by which clouds grant it an identity", async () => {
    const annotations = { "iam.gke.io/gcp-service-account": "ralph@acme.iam.gserviceaccount.com" };
    assert.deepEqual(await named({ annotations, labels: { "cost-centre": "4711" } }), {
      accounts: [
        {
          name: "ralph-sa",
          namespace: "ralph-orchestrator",
          annotations,
          labels: {
            app: "ralph-orchestrator",
            "app.kubernetes.io/name": "ralph-orchestrator",
            "cost-centre": "4711",
          },
        },
      ],
      pod: "ralph-sa",
      subjects: ["ralph-sa"],
    });
  });

  it("can be one that exists", async () => {
    assert.deepEqual(await named({ create: false, name: "agents" }), {
      accounts: [],
      pod: "agents",
      subjects: ["agents"],
    });
  });
});

describe("commonLabels", () => {
  it("are on every object of the workload, and in no selector", async () => {
    const label = { "cost-centre": "4711" };
    const run = await changed({ commonLabels: label });
    const objects = run.resources.filter(
      ({ type, inputs }) =>
        type.startsWith("kubernetes:") && inputs.metadata?.namespace === "ralph-orchestrator",
    );
    assert.deepEqual(
      objects
        .filter(({ inputs }) => inputs.metadata.labels?.["cost-centre"] !== "4711")
        .map(({ name }) => name),
      [],
    );
    assert.doesNotMatch(
      JSON.stringify(objects.map(({ inputs }) => inputs.spec?.selector ?? inputs.spec?.podSelector)),
      /4711/,
    );
  });
});
