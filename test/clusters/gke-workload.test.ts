/**
 * Proves what a GKE cluster offers a workload: storage classes, the Ingress of its controller, nodes to run on, and the ranges
 * that the network policy must block.
 */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { cloud } from "../../clusters/gke";
import { schema } from "../../clusters/gke/config";
import { isPrivate } from "../../clusters/cidr";
import { only, PUBLIC, run, TYPE, withPrograms } from "../support/gke";
import { type StackRun } from "../support/stack";

const NO_FILESTORE = { filestore: { enabled: false } };
/** Needed without Filestore, because a ReadWriteMany claim would have no class. */
const NO_CACHE = { persistence: { cache: { kind: "emptyDir" } } };

describe("for its workload, the GKE cluster", () => {
  withPrograms();
  let defaults: StackRun;
  before(async () => (defaults = await run()));

  it("creates a ReadWriteMany class in its own network", async () => {
    const type = "kubernetes:storage.k8s.io/v1:StorageClass";
    const { inputs } = defaults.find(type, "ralph-filestore");
    assert.equal(inputs.provisioner, "filestore.csi.storage.gke.io");
    assert.deepEqual(inputs.parameters, {
      tier: "BASIC_HDD",
      network: "ralph-cluster",
      labels: "project=ralph,stack=test",
    });
    // The parameters of a class cannot be edited, so a new tag must not replace it.
    const tagged = await run({ ...PUBLIC, tags: { owner: "team-a" } });
    assert.deepEqual(tagged.find(type, "ralph-filestore").inputs, inputs);

    const none = await run({ ...PUBLIC, storage: NO_FILESTORE }, NO_CACHE);
    assert.deepEqual(none.ofType(type), []);
    assert.equal(only(none, TYPE.cluster).inputs.addonsConfig.gcpFilestoreCsiDriverConfig.enabled, false);
  });

  it("spells the regional Filestore tiers as the driver does, and leaves the other tiers unchanged", async () => {
    const type = "kubernetes:storage.k8s.io/v1:StorageClass";
    const spelled: string[] = [];
    const tiers = ["BASIC_HDD", "BASIC_SSD", "ZONAL", "REGIONAL", "ENTERPRISE"];
    for (const tier of tiers) {
      const result = await run({ ...PUBLIC, storage: { filestore: { tier } } });
      spelled.push(result.find(type, "ralph-filestore").inputs.parameters.tier as string);
    }
    assert.deepEqual(spelled, ["BASIC_HDD", "BASIC_SSD", "ZONAL", "regional", "enterprise"]);
  });

  it("boots from Hyperdisk, and has the workspace on it, if machines support nothing else", async () => {
    const type = "kubernetes:storage.k8s.io/v1:StorageClass";
    const result = await run({ ...PUBLIC, nodes: { machineType: "c4-standard-4", spot: true } });
    assert.deepEqual(
      result.ofType(TYPE.pool).map(({ inputs: { nodeConfig } }) => nodeConfig.diskType),
      ["hyperdisk-balanced", "hyperdisk-balanced"],
    );
    const { metadata, ...spec } = result.find(type, "ralph-hyperdisk").inputs;
    assert.equal(metadata.name, "ralph-hyperdisk");
    assert.deepEqual(spec, {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      provisioner: "pd.csi.storage.gke.io",
      parameters: { type: "hyperdisk-balanced", labels: "project=ralph,stack=test" },
      allowVolumeExpansion: true,
      reclaimPolicy: "Delete",
      volumeBindingMode: "WaitForFirstConsumer",
    });
    const claims = result.ofType("kubernetes:core/v1:PersistentVolumeClaim");
    assert.deepEqual(claims.map(({ inputs }) => inputs.spec.storageClassName).sort(), [
      "ralph-filestore",
      "ralph-hyperdisk",
    ]);
  });

  it("uses the annotation for an Ingress that its controller reads", async () => {
    const hosts = [{ host: "ralph.example.com" }];
    const type = "kubernetes:networking.k8s.io/v1:Ingress";
    const own = only(await run(PUBLIC, { ingress: { enabled: true, hosts } }), type).inputs;
    assert.equal(own.metadata.annotations["kubernetes.io/ingress.class"], "gce");
    assert.ok(!("ingressClassName" in own.spec));
    const nginx = await run(PUBLIC, { ingress: { enabled: true, className: "nginx", hosts } });
    const other = only(nginx, type).inputs;
    assert.ok(!("kubernetes.io/ingress.class" in other.metadata.annotations));
    assert.equal(other.spec.ingressClassName, "nginx");
  });

  describe("traits", () => {
    const traitsOf = (cluster: object) => cloud.traits(schema.parse({ ...PUBLIC, ...cluster }));
    const SNAPSHOTS = { className: "ralph-snapshots", copies: { className: "ralph-copies" } };
    const usual = {
      storageClass: { rwo: "standard-rwo", rwx: "ralph-filestore" },
      snapshots: { region: "us-central1", rwo: SNAPSHOTS, rwx: SNAPSHOTS },
      ingress: {
        className: "gce",
        annotations: { "kubernetes.io/ingress.class": "gce" },
        from: { namespaces: [], cidrs: ["35.191.0.0/16", "130.211.0.0/22"] },
      },
      networkPolicy: {
        enforced: true,
        hosts: { kind: "FQDNNetworkPolicy", enabled: false },
        dnsCidrs: ["169.254.20.10/32", "169.254.169.254/32", "10.8.0.10/32"],
        blockedCidrs: [],
      },
      podIdentity: {
        platform: "vertex",
        egress: [{ cidr: "169.254.169.254/32", ports: [80, 8080] }],
        podLabels: {},
      },
      secretStore: { limit: "prefix", reader: "own" },
      metricsApi: true,
      architectures: ["amd64"],
      registry: { command: "gcloud", install: "https://cloud.google.com/sdk/docs/install" },
    };

    it("describe the guide's cluster", () => assert.deepEqual(traitsOf({}), usual));

    it("block the range of Services that Google manages, which is not private", () =>
      assert.deepEqual(traitsOf({ network: { services: "34.118.224.0/20" } }).networkPolicy, {
        enforced: true,
        hosts: { kind: "FQDNNetworkPolicy", enabled: false },
        dnsCidrs: ["169.254.20.10/32", "169.254.169.254/32", "34.118.224.10/32"],
        blockedCidrs: ["34.118.224.0/20"],
      }));

    it("block every public range that a stack uses internally", () =>
      assert.deepEqual(
        traitsOf({ network: { nodes: "33.0.0.0/20", pods: "34.0.0.0/14", controlPlane: "35.0.0.0/28" } })
          .networkPolicy.blockedCidrs,
        ["33.0.0.0/20", "34.0.0.0/14", "35.0.0.0/28"],
      ));

    const ARM = { key: "kubernetes.io/arch", operator: "Equal", value: "arm64", effect: "NoSchedule" };

    it("lead pods to Arm nodes, which GKE taints", () => {
      const { architectures, scheduling } = traitsOf({ nodes: { machineType: "c4a-standard-4" } });
      assert.deepEqual(architectures, ["arm64"]);
      assert.deepEqual(scheduling, {
        nodeSelector: { "kubernetes.io/arch": "arm64" },
        tolerations: [ARM],
      });
    });

    it("lead pods to Arm nodes on spot capacity past both taints", () =>
      assert.deepEqual(traitsOf({ nodes: { machineType: "t2a-standard-4", spot: true } }).scheduling, {
        nodeSelector: { "cloud.google.com/gke-spot": "true", "kubernetes.io/arch": "arm64" },
        tolerations: [
          { key: "cloud.google.com/gke-spot", operator: "Equal", value: "true", effect: "NoSchedule" },
          ARM,
        ],
      }));

    it("follow the configured storage", () =>
      assert.deepEqual(
        traitsOf({ storage: { rwo: "premium-rwo", filestore: { enabled: false } } }).storageClass,
        { rwo: "premium-rwo" },
      ));
  });

  it("blocks each of its ranges that the workload does not block anyway", () =>
    fc.assert(
      fc.property(fc.ipV4(), fc.constantFrom(8, 16, 20, 24), (address, bits) => {
        const nodes = `${address}/${bits}`;
        const { blockedCidrs } = cloud.traits(schema.parse({ ...PUBLIC, network: { nodes } })).networkPolicy;
        assert.equal(blockedCidrs.includes(nodes), !isPrivate(nodes));
      }),
    ));
});
