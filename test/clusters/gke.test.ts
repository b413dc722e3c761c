/**
 * Proves what the stack of a GKE cluster registers: all inputs of every resource that security or cost depends on,
 * their order, the kubeconfig, and the traits. The mock monitor accepts any value; test/engine/cloud-life.test.ts covers
 * what the cloud itself rejects.
 */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as fc from "fast-check";
import { cloud } from "../../clusters/gke";
import { schema } from "../../clusters/gke/config";
import { maintenancePolicy } from "../../clusters/gke/control-plane";
import { isPrivate } from "../../clusters/cidr";
import {
  KEY,
  LABELS,
  only,
  PLUGIN,
  PROJECT_ID,
  PUBLIC,
  run,
  SERVICE_ACCOUNT,
  TYPE,
  withPrograms,
} from "../support/gke";
import { type Registered, type StackRun, valueOf } from "../support/stack";

const POOL = {
  cluster: "ralph-cluster",
  location: "us-central1-a",
  initialNodeCount: 3,
  autoscaling: { totalMinNodeCount: 3, totalMaxNodeCount: 10, locationPolicy: "BALANCED" },
  management: { autoRepair: true, autoUpgrade: true },
  upgradeSettings: { strategy: "SURGE", maxSurge: 1, maxUnavailable: 0 },
  networkConfig: { enablePrivateNodes: true },
  nodeConfig: {
    serviceAccount: SERVICE_ACCOUNT,
    oauthScopes: ["https://www.googleapis.com/auth/cloud-platform"],
    imageType: "COS_CONTAINERD",
    shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
    metadata: { "disable-legacy-endpoints": "true" },
    workloadMetadataConfig: { mode: "GKE_METADATA" },
    machineType: "n1-standard-2",
    diskSizeGb: 100,
    kubeletConfig: { insecureKubeletReadonlyPortEnabled: "FALSE" },
    resourceLabels: LABELS,
    spot: false,
  },
};

const NO_FILESTORE = { filestore: { enabled: false } };
/** Needed without Filestore, because a ReadWriteMany claim would have no class. */
const NO_CACHE = { persistence: { cache: { kind: "emptyDir" } } };

describe("the GKE cluster", () => {
  withPrograms();
  let defaults: StackRun;
  before(async () => (defaults = await run()));

  it("is the guide's, private, enforced and hardened", () => {
    assert.deepEqual(only(defaults, TYPE.cluster).inputs, {
      name: "ralph-cluster",
      location: "us-central1-a",
      deletionProtection: true,
      resourceLabels: LABELS,
      releaseChannel: { channel: "REGULAR" },
      maintenancePolicy: {
        recurringWindow: {
          startTime: "2026-01-03T08:00:00Z",
          endTime: "2026-01-03T14:00:00Z",
          recurrence: "FREQ=WEEKLY;BYDAY=SA,SU",
        },
      },
      removeDefaultNodePool: true,
      initialNodeCount: 1,
      nodeConfig: {
        serviceAccount: SERVICE_ACCOUNT,
        oauthScopes: ["https://www.googleapis.com/auth/cloud-platform"],
        imageType: "COS_CONTAINERD",
        shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
        metadata: { "disable-legacy-endpoints": "true" },
        workloadMetadataConfig: { mode: "GKE_METADATA" },
        machineType: "e2-medium",
        diskType: "pd-standard",
        diskSizeGb: 20,
      },
      nodePoolDefaults: { nodeConfigDefaults: { insecureKubeletReadonlyPortEnabled: "FALSE" } },
      network: "cluster-network-id",
      subnetwork: "cluster-subnet-id",
      networkingMode: "VPC_NATIVE",
      ipAllocationPolicy: { clusterSecondaryRangeName: "pods", servicesSecondaryRangeName: "services" },
      datapathProvider: "ADVANCED_DATAPATH",
      privateClusterConfig: { enablePrivateNodes: true, enablePrivateEndpoint: true },
      controlPlaneEndpointsConfig: {
        dnsEndpointConfig: { allowExternalTraffic: true },
        ipEndpointsConfig: { enabled: false },
      },
      workloadIdentityConfig: { workloadPool: "acme-agents.svc.id.goog" },
      enableShieldedNodes: true,
      enableLegacyAbac: false,
      masterAuth: { clientCertificateConfig: { issueClientCertificate: false } },
      anonymousAuthenticationConfig: { mode: "LIMITED" },
      rbacBindingConfig: {
        enableInsecureBindingSystemAuthenticated: false,
        enableInsecureBindingSystemUnauthenticated: false,
      },
      addonsConfig: {
        gcePersistentDiskCsiDriverConfig: { enabled: true },
        gcpFilestoreCsiDriverConfig: { enabled: true },
        horizontalPodAutoscaling: { disabled: false },
        httpLoadBalancing: { disabled: false },
      },
      loggingConfig: {
        enableComponents: ["SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER", "SCHEDULER", "CONTROLLER_MANAGER"],
      },
      monitoringConfig: { enableComponents: ["SYSTEM_COMPONENTS"], managedPrometheus: { enabled: false } },
    });
    // The removed default pool must not be a difference, which would replace the cluster.
    assert.deepEqual(only(defaults, TYPE.cluster).ignoreChanges, [
      "nodeConfig",
      "nodePools",
      "initialNodeCount",
    ]);
  });

  it("has three hardened nodes, and up to ten by autoscaling", () => {
    const pool = only(defaults, TYPE.pool);
    assert.deepEqual(pool.inputs, POOL);
    assert.deepEqual(pool.ignoreChanges, ["initialNodeCount"]);
  });

  it("has its own network, with a NAT gateway", () => {
    assert.deepEqual(only(defaults, TYPE.network).inputs, {
      name: "ralph-cluster",
      autoCreateSubnetworks: false,
      routingMode: "REGIONAL",
    });
    assert.deepEqual(only(defaults, TYPE.subnet).inputs, {
      name: "ralph-cluster",
      network: "cluster-network-id",
      region: "us-central1",
      ipCidrRange: "10.0.0.0/20",
      secondaryIpRanges: [
        { rangeName: "pods", ipCidrRange: "10.4.0.0/14" },
        { rangeName: "services", ipCidrRange: "10.8.0.0/20" },
      ],
      privateIpGoogleAccess: true,
    });
    assert.deepEqual(only(defaults, TYPE.router).inputs, {
      name: "ralph-cluster",
      network: "cluster-network-id",
      region: "us-central1",
    });
    assert.deepEqual(only(defaults, TYPE.nat).inputs, {
      name: "ralph-cluster",
      router: "ralph-cluster",
      region: "us-central1",
      natIpAllocateOption: "AUTO_ONLY",
      sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
      subnetworks: [{ name: "cluster-subnet-id", sourceIpRangesToNats: ["ALL_IP_RANGES"] }],
      logConfig: { enable: true, filter: "ERRORS_ONLY" },
    });
  });

  it("gives its nodes an identity that can only report, and pull from its own repository", () => {
    assert.deepEqual(only(defaults, TYPE.account).inputs, {
      accountId: "ralph-cluster-nodes",
      displayName: "Nodes of the GKE cluster ralph-cluster",
    });
    const member = `serviceAccount:${SERVICE_ACCOUNT}`;
    assert.deepEqual(only(defaults, TYPE.iam).inputs, {
      project: PROJECT_ID,
      role: "roles/container.defaultNodeServiceAccount",
      member,
    });
    assert.deepEqual(only(defaults, TYPE.pull).inputs, {
      project: PROJECT_ID,
      location: "us-central1",
      repository: "ralph-cluster",
      role: "roles/artifactregistry.reader",
      member,
    });
  });

  it("has a registry that its nodes can pull from without credentials", async () => {
    assert.deepEqual(only(defaults, TYPE.registry).inputs, {
      repositoryId: "ralph-cluster",
      location: "us-central1",
      format: "DOCKER",
      description: "Images of the GKE cluster ralph-cluster",
      labels: LABELS,
    });
    assert.equal(
      await valueOf(defaults.outputs.registry),
      "us-central1-docker.pkg.dev/acme-agents/ralph-cluster/ralph-orchestrator",
    );
  });

  it("enables the APIs that it needs, and disables none for others", async () => {
    const apis = ({ ofType }: StackRun) =>
      ofType(TYPE.api).map(({ inputs: { service, ...rest } }) => {
        assert.deepEqual(rest, { project: PROJECT_ID, disableOnDestroy: false });
        return service.replace(".googleapis.com", "");
      });
    const always = ["artifactregistry", "cloudresourcemanager", "compute", "container", "iam"];
    assert.deepEqual(apis(defaults).sort(), [...always, "file"].sort());
    const other = await run({ ...PUBLIC, kmsKey: KEY, storage: NO_FILESTORE }, NO_CACHE);
    assert.deepEqual(apis(other).sort(), [...always, "cloudkms"].sort());
  });

  it("labels every resource that supports labels with project, stack and tags", async () => {
    const tags = { owner: "team-a" };
    const { ofType } = await run({ ...PUBLIC, tags });
    const labels = { ...LABELS, ...tags };
    assert.deepEqual(
      [TYPE.cluster, TYPE.pool, TYPE.registry].map((type) => {
        const { resourceLabels, nodeConfig, labels: own } = ofType(type)[0]?.inputs ?? {};
        return resourceLabels ?? own ?? nodeConfig.resourceLabels;
      }),
      [labels, labels, labels],
    );
  });

  it("spells a stack's name as a label", async () => {
    const { ofType } = await run(PUBLIC, {}, { stack: "PR.123_x" });
    assert.equal(ofType(TYPE.cluster)[0]?.inputs.resourceLabels.stack, "pr-123_x");
  });

  describe("order", () => {
    const urnsOf = ({ ofType }: StackRun, ...types: string[]) =>
      types.flatMap((type) => ofType(type).map(({ urn }) => urn));
    const dependsOn = (resource: Registered, urns: readonly string[]) =>
      assert.deepEqual(
        urns.filter((urn) => !resource.dependencies.includes(urn)),
        [],
        `${resource.name} does not depend on`,
      );

    it("creates nodes once they can pull images, and deletes routes and roles after them", () => {
      const [pool, cluster] = [only(defaults, TYPE.pool), only(defaults, TYPE.cluster)];
      dependsOn(pool, urnsOf(defaults, TYPE.cluster, TYPE.nat, TYPE.iam, TYPE.pull));
      dependsOn(cluster, urnsOf(defaults, TYPE.network, TYPE.subnet, TYPE.iam, TYPE.pull, TYPE.account));
    });

    it("uses no API before it is enabled", () => {
      const api = (name: string) => [defaults.find(TYPE.api, `cluster-${name}-api`).urn];
      dependsOn(only(defaults, TYPE.network), api("compute"));
      dependsOn(only(defaults, TYPE.account), api("iam"));
      dependsOn(only(defaults, TYPE.cluster), [...api("container"), ...api("file")]);
      dependsOn(only(defaults, TYPE.registry), api("artifactregistry"));
      for (const role of defaults.ofType(TYPE.iam)) dependsOn(role, api("cloudresourcemanager"));
    });

    it("keeps nodes, routes and roles until every Kubernetes object is deleted", () => {
      dependsOn(
        only(defaults, TYPE.provider),
        urnsOf(defaults, TYPE.cluster, TYPE.pool, TYPE.nat, TYPE.iam, TYPE.pull),
      );
    });

    it("runs one operation on the cluster at a time", async () => {
      const spot = await run({ ...PUBLIC, nodes: { spot: true } });
      const [first, second] = spot.ofType(TYPE.pool);
      dependsOn(second as Registered, [(first as Registered).urn]);
    });
  });

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

  describe("access to its API server", () => {
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1beta1",
      interactiveMode: "Never",
      command: PLUGIN,
      args: ["--use_application_default_credentials"],
      installHint:
        "gcloud components install gke-gcloud-auth-plugin, or apt-get install google-cloud-cli-gke-gcloud-auth-plugin",
      provideClusterInfo: true,
      env: [],
    };
    const kubeconfig = (cluster: object, args = exec.args) => ({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "ralph-cluster",
      contexts: [{ name: "ralph-cluster", context: { cluster: "ralph-cluster", user: "ralph-cluster" } }],
      clusters: [{ name: "ralph-cluster", cluster }],
      users: [{ name: "ralph-cluster", user: { exec: { ...exec, args } } }],
    });
    const dns = { server: "https://gke-1a2b.us-central1-a.gke.goog" };
    const of = async (result: StackRun) =>
      JSON.parse(await valueOf<string>(result.outputs.kubeconfig)) as unknown;

    it("is the DNS endpoint with its public certificate, where IAM authorizes first", async () => {
      assert.deepEqual(await of(defaults), kubeconfig(dns));
    });

    it("is the IP address, for some ranges", async () => {
      const cidrs = ["203.0.113.0/24", "198.51.100.7/32"];
      const result = await run({ api: { cidrs } });
      assert.deepEqual(
        await of(result),
        kubeconfig({ server: "https://34.1.2.3", "certificate-authority-data": "Q0E=" }),
      );
      const { inputs } = only(result, TYPE.cluster);
      assert.deepEqual(inputs.masterAuthorizedNetworksConfig, {
        cidrBlocks: cidrs.map((cidrBlock) => ({ cidrBlock })),
        gcpPublicCidrsAccessEnabled: false,
      });
      assert.deepEqual(inputs.controlPlaneEndpointsConfig, {
        dnsEndpointConfig: { allowExternalTraffic: false },
        ipEndpointsConfig: { enabled: true },
      });
      assert.deepEqual(inputs.privateClusterConfig, {
        enablePrivateNodes: true,
        enablePrivateEndpoint: false,
      });
    });

    it("is the private address only, which connected networks may use", async () => {
      const result = await run({ api: { private: true } });
      assert.deepEqual(
        await of(result),
        kubeconfig({ server: "https://34.1.2.3", "certificate-authority-data": "Q0E=" }),
      );
      const { inputs } = only(result, TYPE.cluster);
      assert.deepEqual(inputs.masterAuthorizedNetworksConfig, {
        cidrBlocks: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map((cidrBlock) => ({ cidrBlock })),
        gcpPublicCidrsAccessEnabled: false,
      });
      assert.deepEqual(inputs.controlPlaneEndpointsConfig, {
        dnsEndpointConfig: { allowExternalTraffic: false },
        ipEndpointsConfig: { enabled: true },
      });
      assert.deepEqual(inputs.privateClusterConfig, {
        enablePrivateNodes: true,
        enablePrivateEndpoint: true,
      });
    });

    it("uses gcloud's credentials if configured", async () => {
      assert.deepEqual(await of(await run({ ...PUBLIC, credentials: "gcloud" })), kubeconfig(dns, []));
    });

    it("is secret, and the provider follows the cluster by its link", async () => {
      assert.equal(await pulumi.isSecret(defaults.outputs.kubeconfig as pulumi.Output<string>), true);
      const provider = only(defaults, TYPE.provider);
      assert.deepEqual(provider.secret, ["kubeconfig"]);
      assert.match(provider.inputs.clusterIdentifier, /\/clusters\/ralph-cluster$/);
    });
  });

  it("can be previewed before any of its outputs is known", async () => {
    const result = await run(PUBLIC, {}, { preview: true });
    assert.deepEqual(
      result.resources.map(({ urn }) => urn).sort(),
      defaults.resources.map(({ urn }) => urn).sort(),
    );
  });

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
    const usual = {
      storageClass: { rwo: "standard-rwo", rwx: "ralph-filestore" },
      ingress: {
        className: "gce",
        annotations: { "kubernetes.io/ingress.class": "gce" },
        from: { namespaces: [], cidrs: ["35.191.0.0/16", "130.211.0.0/22"] },
      },
      networkPolicy: {
        enforced: true,
        dnsCidrs: ["169.254.20.10/32", "169.254.169.254/32", "10.8.0.10/32"],
        blockedCidrs: [],
      },
      metricsApi: true,
      architectures: ["amd64"],
      registry: { command: "gcloud", install: "https://cloud.google.com/sdk/docs/install" },
    };

    it("describe the guide's cluster", () => assert.deepEqual(traitsOf({}), usual));

    it("block the range of Services that Google manages, which is not private", () =>
      assert.deepEqual(traitsOf({ network: { services: "34.118.224.0/20" } }).networkPolicy, {
        enforced: true,
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

  it("blocks each of its ranges that the workload does not block anyway", () =>
    fc.assert(
      fc.property(fc.ipV4(), fc.constantFrom(8, 16, 20, 24), (address, bits) => {
        const nodes = `${address}/${bits}`;
        const { blockedCidrs } = cloud.traits(schema.parse({ ...PUBLIC, network: { nodes } })).networkPolicy;
        assert.equal(blockedCidrs.includes(nodes), !isPrivate(nodes));
      }),
    ));
});
