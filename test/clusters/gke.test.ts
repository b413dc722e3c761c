/**
 * Proves what the stack of a GKE cluster registers: all inputs of every resource that security or cost depends on, and their
 * order. The mock monitor accepts any value; test/engine/cloud-life.test.ts covers what the cloud itself rejects.
 */
import assert from "node:assert/strict";
import {
  KEY,
  LABELS,
  only,
  POOL,
  PROJECT_ID,
  PUBLIC,
  run,
  SERVICE_ACCOUNT,
  TYPE,
  withPrograms,
} from "../support/gke";
import { type Registered, type StackRun, valueOf } from "../support/stack";

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
      "enableFqdnNetworkPolicy",
    ]);
  });

  it("has three hardened nodes, and up to ten by autoscaling", () => {
    const pool = only(defaults, TYPE.pool);
    assert.deepEqual(pool.inputs, POOL);
    assert.deepEqual(pool.ignoreChanges, ["initialNodeCount"]);
  });

  it("has its own network, with a NAT gateway", () => {
    const description = "project=ralph stack=test";
    assert.deepEqual(only(defaults, TYPE.network).inputs, {
      name: "ralph-cluster",
      description,
      autoCreateSubnetworks: false,
      routingMode: "REGIONAL",
    });
    // A network of an earlier release has none, and would be replaced to get one.
    for (const type of [TYPE.network, TYPE.subnet])
      assert.deepEqual(only(defaults, type).ignoreChanges, ["description"]);
    assert.deepEqual(only(defaults, TYPE.subnet).inputs, {
      name: "ralph-cluster",
      description,
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
      description,
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
      description: "project=ralph stack=test",
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
});
