/**
 * Proves that an API server with the published CRDs of their projects accepts every custom object that the program makes, on
 * every cloud, without an unknown field; and that it would refuse one. No controller runs. GKE publishes no CRD of its
 * FQDNNetworkPolicy.
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { type ControlPlane, startControlPlane } from "../../local/control-plane";
import { fixture } from "../engine/support/fixture";
import { kubectlAt } from "../engine/support/kubectl";
import * as aks from "../support/aks";
import * as eks from "../support/eks";
import * as gke from "../support/gke";
import { runStack, type StackConfig, type StackRun } from "../support/stack";
import { changed, EVERYTHING } from "../support/workload";
import { goModule } from "./go-programs";

/** Of each project the newest version whose module has the file, and is served. */
const CRDS: readonly { kind: string; module: string; file: string }[] = [
  {
    kind: "Application",
    module: "github.com/argoproj/argo-cd/v3@v3.5.7",
    file: "manifests/crds/application-crd.yaml",
  },
  {
    kind: "CiliumNetworkPolicy",
    module: "github.com/cilium/cilium@v1.20.2",
    file: "pkg/k8s/apis/cilium.io/client/crds/v2/ciliumnetworkpolicies.yaml",
  },
  ...["ExternalSecret", "SecretStore"].map((kind) => ({
    kind,
    module: "github.com/external-secrets/external-secrets@v0.16.2",
    file: `config/crds/bases/external-secrets.io_${kind.toLowerCase()}s.yaml`,
  })),
  {
    kind: "GitRepository",
    module: "github.com/fluxcd/source-controller@v1.9.6",
    file: "config/crd/bases/source.toolkit.fluxcd.io_gitrepositories.yaml",
  },
  {
    kind: "HTTPRoute",
    module: "sigs.k8s.io/gateway-api@v1.6.2",
    file: "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",
  },
  {
    kind: "Kustomization",
    module: "github.com/fluxcd/kustomize-controller@v1.9.6",
    file: "config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml",
  },
  ...["PrometheusRule", "ServiceMonitor"].map((kind) => ({
    kind,
    module: "github.com/prometheus-operator/prometheus-operator@v0.85.0",
    file: `example/prometheus-operator-crd/monitoring.coreos.com_${kind.toLowerCase()}s.yaml`,
  })),
  {
    kind: "ScaledObject",
    module: "github.com/kedacore/keda/v2@v2.21.0",
    file: "config/crd/bases/keda.sh_scaledobjects.yaml",
  },
  {
    kind: "VolumeSnapshotClass",
    module: "github.com/kubernetes-csi/external-snapshotter/client/v8@v8.7.0",
    file: "config/crd/snapshot.storage.k8s.io_volumesnapshotclasses.yaml",
  },
];

const repoURL = "https://git.example.com/ralph/manifests";
const STORED: StackConfig = {
  apiKeys: { externalSecret: { keys: { claude: { key: "ralph-claude" } } } },
  backup: { enabled: true },
};
const secretStore = { cloud: true, install: "external-secrets" };
const vault =
  "/subscriptions/12345678-1234-1234-1234-123456789012/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/acme-ralph";
const onAks = { ...aks.MINIMAL, hostPolicies: true };

/** Together, every custom object in each of its forms. */
const RUNS: readonly (() => Promise<StackRun>)[] = [
  () => runStack({ config: EVERYTHING }),
  () =>
    changed({
      autoscaling: { by: "queue", maxReplicas: 4 },
      gateway: {
        enabled: true,
        parentRefs: [{ name: "public", namespace: "gateways", sectionName: "https" }],
        hosts: ["ralph.example.com"],
      },
    }),
  () =>
    changed({
      apiKeys: {
        externalSecret: { store: { name: "vault" }, keys: { claude: { key: "c", property: "apiKey" } } },
      },
    }),
  () =>
    changed({
      gitops: { tool: "flux", owns: "workload" },
      flux: { repoURL, interval: "1h30m", secretName: "token" },
    }),
  () => changed({ gitops: { tool: "argocd", owns: "workload" }, argocd: { repoURL } }),
  () =>
    runStack({
      config: { cloud: "gke", cluster: gke.PUBLIC, ...STORED, secretStore },
      foreign: gke.FOREIGN,
      types: /^gcp:/,
      outputs: gke.outputs,
      calls: { "gcp:organizations/getProject:getProject": { number: "123456789012" } },
    }),
  () => eks.run(eks.PUBLIC, { ...STORED, secretStore }),
  () =>
    aks.run(
      {},
      {
        config: {
          cloud: "aks",
          cluster: onAks,
          ...STORED,
          secretStore: { ...secretStore, vault },
          networkPolicy: { hosts: ["api.anthropic.com", "*.example.com"] },
        },
      },
    ),
];

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: object;
}

describe("the published CRDs", function () {
  this.timeout("600s");
  let plane: ControlPlane | undefined;
  let objects: readonly Manifest[];

  const kubectl = (args: readonly string[], input?: object): Promise<string> =>
    kubectlAt(plane ?? assert.fail("no control plane"), args, input);
  const create = (object: object): Promise<string> =>
    kubectl(["create", "--dry-run=server", "--validate=strict", "--filename=-"], object);

  before(async () => {
    const { dir, toolchain, plane: shared } = fixture();
    // Other files use kinds of these names.
    plane = await startControlPlane({ dir: join(dir, "crds"), name: shared.name, toolchain, nodes: 0 });
    const restore = aks.onlyPrograms("gke-gcloud-auth-plugin", "gcloud", "aws", "kubelogin", "az");
    try {
      const found = new Map<string, Manifest>();
      for (const run of RUNS)
        for (const { type, inputs } of (await run()).resources)
          if (/^kubernetes:[^/]*\.[^/]*\/v/.test(type) && inputs.kind !== undefined)
            found.set(JSON.stringify(inputs), inputs as Manifest);
      objects = [...found.values()];
    } finally {
      restore();
    }
    const namespaces = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []));
    const present = await kubectl(["get", "namespaces", "--output=name"]);
    for (const name of namespaces)
      if (!present.includes(`namespace/${name}\n`)) await kubectl(["create", "namespace", name]);
  });
  after(() => plane?.stop());

  for (const { kind, module, file } of CRDS)
    it(`accept every ${kind}, and no unknown field of it`, async function () {
      const folder = await goModule(module);
      if (folder instanceof Error) {
        console.log(`      skipped: ${folder.message}`);
        return this.skip();
      }
      const path = join(folder, file);
      // The control plane has some of these kinds, with schemas of its own.
      await kubectl(["create", "--filename", path]).catch(() => kubectl(["replace", "--filename", path]));
      await kubectl(["wait", "crd", "--all", "--for=condition=Established"]);
      const own = objects.filter((each) => each.kind === kind);
      assert.ok(own.length > 0, "the program made none");
      for (const object of own) {
        await create(object);
        const wrong =
          object.spec === undefined
            ? { ...object, drivers: "x" }
            : { ...object, spec: { ...object.spec, specs: "x" } };
        await assert.rejects(create(wrong), /strict decoding error: unknown field/);
      }
    });

  it("are those of every custom kind", () => {
    const builtIn = /^(NetworkPolicy|Ingress|Role|RoleBinding|ClusterRole|ClusterRoleBinding|StorageClass)$/;
    const known = new Set([...CRDS.map(({ kind }) => kind), "FQDNNetworkPolicy"]);
    assert.deepEqual(
      [...new Set(objects.map(({ kind }) => kind))].filter((kind) => !known.has(kind) && !builtIn.test(kind)),
      [],
    );
  });
});
