/**
 * Proves what each option of a GKE cluster registers: its location, spot nodes, further pools, disks, maintenance, the key of
 * Secrets, and what is passed on.
 */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { maintenancePolicy } from "../../clusters/gke/control-plane";
import { KEY, only, POOL, PUBLIC, run, TYPE, withPrograms } from "../support/gke";

describe("the GKE cluster with options", () => {
  withPrograms();

  describe("its location", () => {
    const cases = [
      { location: "us-central1-a", zones: [], count: 3, perZone: 3 },
      { location: "us-central1-a", zones: ["us-central1-b"], count: 3, perZone: 2 },
      { location: "us-central1", zones: [], count: 3, perZone: 1 },
      { location: "us-central1", zones: [], count: 4, perZone: 2 },
      { location: "europe-west4", zones: ["europe-west4-a", "europe-west4-c"], count: 6, perZone: 3 },
    ];
    for (const { location, zones, count, perZone } of cases) {
      it(`starts ${count} nodes in ${[location, ...zones].join(" + ")}: ${perZone} per zone`, async () => {
        const result = await run({ ...PUBLIC, location, zones, nodes: { count, min: 1 } });
        const [cluster, pool] = [only(result, TYPE.cluster).inputs, only(result, TYPE.pool).inputs];
        assert.equal(cluster.location, location);
        assert.deepEqual(cluster.nodeLocations, zones.length > 0 ? zones : undefined);
        assert.equal(pool.location, location);
        assert.equal(pool.initialNodeCount, perZone);
        const region = location.replace(/-[a-z]$/, "");
        const regions = [TYPE.subnet, TYPE.router, TYPE.nat].map((type) => only(result, type).inputs.region);
        assert.deepEqual(regions, [region, region, region]);
      });
    }
  });

  it("serves Gateway API if asked to, and otherwise leaves that setting alone", async () => {
    const channel = async (options: object) =>
      only(await run({ ...PUBLIC, ...options }), TYPE.cluster).inputs.gatewayApiConfig;
    assert.deepEqual(await channel({ gatewayApi: true }), { channel: "CHANNEL_STANDARD" });
    assert.equal(await channel({}), undefined);
  });

  it("encrypts between nodes if asked to, in place, and otherwise leaves that setting alone", async () => {
    const asked = async (options: object) => only(await run({ ...PUBLIC, ...options }), TYPE.cluster).inputs;
    const plain = await asked({});
    assert.equal(plain.inTransitEncryptionConfig, undefined);
    for (const [nodeEncryption, inTransitEncryptionConfig] of [
      [true, "IN_TRANSIT_ENCRYPTION_INTER_NODE_TRANSPARENT"],
      [false, "IN_TRANSIT_ENCRYPTION_DISABLED"],
    ] as const)
      assert.deepEqual(await asked({ nodeEncryption }), { ...plain, inTransitEncryptionConfig });
  });

  it("runs Ralph on spot nodes beside a small pool for everything else", async () => {
    const result = await run({ ...PUBLIC, nodes: { spot: true, count: 4, min: 2, max: 8 } });
    assert.deepEqual(
      result.ofType(TYPE.pool).map(({ name, inputs }) => ({ name, inputs })),
      [
        {
          name: "cluster-nodes",
          inputs: {
            ...POOL,
            initialNodeCount: 2,
            autoscaling: { totalMinNodeCount: 1, totalMaxNodeCount: 3, locationPolicy: "BALANCED" },
          },
        },
        {
          name: "cluster-spot",
          inputs: {
            ...POOL,
            initialNodeCount: 4,
            autoscaling: { totalMinNodeCount: 2, totalMaxNodeCount: 8, locationPolicy: "ANY" },
            nodeConfig: {
              ...POOL.nodeConfig,
              spot: true,
              taints: [{ key: "cloud.google.com/gke-spot", value: "true", effect: "NO_SCHEDULE" }],
            },
          },
        },
      ],
    );
    const { spec } = result.find("kubernetes:apps/v1:Deployment", "ralph-orchestrator").inputs.spec.template;
    assert.deepEqual(spec.nodeSelector, { "cloud.google.com/gke-spot": "true" });
    assert.deepEqual(spec.tolerations, [
      { key: "cloud.google.com/gke-spot", operator: "Equal", value: "true", effect: "NoSchedule" },
    ]);
  });

  it("has further pools with their own machines, and keeps Ralph's pods on its own nodes", async () => {
    const result = await run({
      ...PUBLIC,
      nodePools: [
        {
          name: "builds",
          machineType: "c4-standard-8",
          max: 4,
          spot: true,
          labels: { team: "builds" },
          taints: [{ key: "builds", value: "only", effect: "PreferNoSchedule" }],
        },
        { name: "plain", machineType: "e2-standard-4", min: 1, max: 2, diskGb: 50 },
      ],
    });
    const { builds, plain } = {
      builds: result.find(TYPE.pool, "cluster-pool-builds"),
      plain: result.find(TYPE.pool, "cluster-pool-plain"),
    };
    assert.equal(result.ofType(TYPE.pool).length, 3);
    assert.deepEqual(builds.inputs, {
      ...POOL,
      initialNodeCount: 0,
      autoscaling: { totalMinNodeCount: 0, totalMaxNodeCount: 4, locationPolicy: "ANY" },
      nodeConfig: {
        ...POOL.nodeConfig,
        machineType: "c4-standard-8",
        diskType: "hyperdisk-balanced",
        spot: true,
        labels: { team: "builds" },
        taints: [{ key: "builds", value: "only", effect: "PREFER_NO_SCHEDULE" }],
      },
    });
    assert.deepEqual(plain.inputs, {
      ...POOL,
      initialNodeCount: 1,
      autoscaling: { totalMinNodeCount: 1, totalMaxNodeCount: 2, locationPolicy: "BALANCED" },
      nodeConfig: { ...POOL.nodeConfig, machineType: "e2-standard-4", diskSizeGb: 50 },
    });
    // One operation on the cluster at a time.
    assert.ok(plain.dependencies.includes(builds.urn));
    assert.deepEqual(result.find(TYPE.pool, "cluster-nodes").inputs, {
      ...POOL,
      nodeConfig: { ...POOL.nodeConfig, labels: { "ralph-nodes": "true" } },
    });
    const { spec } = result.find("kubernetes:apps/v1:Deployment", "ralph-orchestrator").inputs.spec.template;
    assert.deepEqual(spec.nodeSelector, { "ralph-nodes": "true" });
  });

  it("runs Ralph's pods in gVisor, in a pool with sandbox, and nothing else there", async () => {
    const result = await run({
      ...PUBLIC,
      nodePools: [
        {
          name: "agents",
          machineType: "c4a-standard-4",
          min: 1,
          max: 4,
          sandbox: true,
          taints: [{ key: "agents", value: "only" }],
        },
      ],
    });
    assert.deepEqual(result.find(TYPE.pool, "cluster-pool-agents").inputs.nodeConfig, {
      ...POOL.nodeConfig,
      machineType: "c4a-standard-4",
      diskType: "hyperdisk-balanced",
      sandboxConfig: { type: "GVISOR" },
      taints: [{ key: "agents", value: "only", effect: "NO_SCHEDULE" }],
    });
    assert.equal(result.find(TYPE.pool, "cluster-nodes").inputs.nodeConfig.sandboxConfig, undefined);
    for (const type of ["apps/v1:Deployment", "batch/v1:Job"]) {
      const [owner] = result.ofType(`kubernetes:${type}`);
      const spec = owner?.inputs.spec.template.spec;
      const toleration = (key: string, value: string) => ({
        key,
        operator: "Equal",
        value,
        effect: "NoSchedule",
      });
      assert.equal(spec.runtimeClassName, "gvisor");
      assert.deepEqual(spec.nodeSelector, { "sandbox.gke.io/runtime": "gvisor" });
      assert.deepEqual(spec.tolerations, [
        toleration("sandbox.gke.io/runtime", "gvisor"),
        toleration("kubernetes.io/arch", "arm64"),
        toleration("agents", "only"),
      ]);
    }
    // What those nodes can mount, and what the quota counts for a sandbox.
    const claim = result.ofType("kubernetes:core/v1:PersistentVolumeClaim")[0]?.inputs;
    assert.equal(claim.spec.storageClassName, "ralph-hyperdisk");
    const hard = result.ofType("kubernetes:core/v1:ResourceQuota")[0]?.inputs.spec.hard;
    assert.equal(hard["requests.cpu"], "41600m");
  });

  it("boots from the configured type of disk, on all of Ralph's nodes", async () => {
    const result = await run({ ...PUBLIC, nodes: { spot: true, diskType: "pd-standard" } });
    assert.deepEqual(
      result.ofType(TYPE.pool).map(({ inputs: { nodeConfig } }) => nodeConfig.diskType),
      ["pd-standard", "pd-standard"],
    );
  });

  it("holds upgrades back during maintenance exclusions", async () => {
    const freeze = { name: "year-end", start: "2026-12-18T00:00:00Z", end: "2027-01-04T00:00:00Z" };
    const minor = { name: "stay", start: "2026-12-01T00:00:00Z", end: "2027-05-01T00:00:00Z" };
    const exclusions = [freeze, { ...minor, scope: "NO_MINOR_UPGRADES" }];
    const { inputs } = only(await run({ ...PUBLIC, maintenance: { exclusions } }), TYPE.cluster);
    assert.deepEqual(inputs.maintenancePolicy.maintenanceExclusions, [
      {
        exclusionName: "year-end",
        startTime: freeze.start,
        endTime: freeze.end,
        exclusionOptions: { scope: "NO_UPGRADES" },
      },
      {
        exclusionName: "stay",
        startTime: minor.start,
        endTime: minor.end,
        exclusionOptions: { scope: "NO_MINOR_UPGRADES" },
      },
    ]);
  });

  it("encrypts Secrets with a configured key, once GKE's agent may use it", async () => {
    const result = await run({ ...PUBLIC, kmsKey: KEY });
    const grant = only(result, TYPE.key);
    assert.deepEqual(grant.inputs, {
      cryptoKeyId: KEY,
      role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
      member: "serviceAccount:service-1@container-engine-robot.iam.gserviceaccount.com",
    });
    const cluster = only(result, TYPE.cluster);
    assert.deepEqual(cluster.inputs.databaseEncryption, { state: "ENCRYPTED", keyName: KEY });
    assert.ok(cluster.dependencies.includes(grant.urn));
    assert.equal(result.ofType("gcp:kms/cryptoKey:CryptoKey").length, 0, "a key can never be deleted");
  });

  it("passes on what a stack configures", async () => {
    const result = await run({
      ...PUBLIC,
      name: "pr-123",
      version: "1.35",
      releaseChannel: "STABLE",
      deletionProtection: false,
      serviceAccount: "pr-123-workers",
      logs: ["SYSTEM_COMPONENTS"],
      nodes: { machineType: "e2-standard-4", diskGb: 50 },
      network: { services: "34.118.224.0/20", controlPlane: "172.16.0.0/28" },
    });
    const cluster = only(result, TYPE.cluster).inputs;
    assert.equal(cluster.name, "pr-123");
    assert.equal(cluster.minMasterVersion, "1.35");
    assert.deepEqual(cluster.releaseChannel, { channel: "STABLE" });
    assert.equal(cluster.deletionProtection, false);
    assert.deepEqual(cluster.loggingConfig, { enableComponents: ["SYSTEM_COMPONENTS"] });
    // The range of Services that Google manages is not one of the subnet's.
    assert.deepEqual(cluster.ipAllocationPolicy, { clusterSecondaryRangeName: "pods" });
    assert.deepEqual(only(result, TYPE.subnet).inputs.secondaryIpRanges, [
      { rangeName: "pods", ipCidrRange: "10.4.0.0/14" },
    ]);
    assert.equal(cluster.privateClusterConfig.masterIpv4CidrBlock, "172.16.0.0/28");
    assert.equal(only(result, TYPE.account).inputs.accountId, "pr-123-workers");
    const { machineType, diskSizeGb } = only(result, TYPE.pool).inputs.nodeConfig;
    assert.deepEqual([machineType, diskSizeGb], ["e2-standard-4", 50]);
    assert.equal(only(result, TYPE.network).inputs.name, "pr-123");
    assert.equal(only(result, TYPE.registry).inputs.repositoryId, "pr-123");
  });

  it("gives every maintenance window the configured length", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 23 }),
        fc.integer({ min: 0, max: 59 }),
        fc.integer({ min: 4, max: 24 }),
        (hour, minute, hours) => {
          const start = [hour, minute].map((part) => String(part).padStart(2, "0")).join(":");
          const { recurringWindow } = maintenancePolicy({ days: ["MO"], start, hours, exclusions: [] });
          assert.match(recurringWindow.startTime, new RegExp(`T${start}:00Z$`));
          const length = Date.parse(recurringWindow.endTime) - Date.parse(recurringWindow.startTime);
          assert.equal(length, hours * 3_600_000);
        },
      ),
    ));
});
