/** A GKE stack under mocks: outputs that Google computes, and the program that a kubeconfig runs. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type Registered, runStack, type StackConfig, type StackOptions, type StackRun } from "./stack";

export const PROJECT_ID = "acme-agents";
export const FOREIGN = { "gcp:project": PROJECT_ID };
export const PUBLIC = { api: { public: true } };
export const PLUGIN = "gke-gcloud-auth-plugin";
export const KEY = "projects/acme-keys/locations/us-central1/keyRings/gke/cryptoKeys/secrets";

export const LABELS = { project: "ralph", stack: "test" };
export const SERVICE_ACCOUNT = "ralph-cluster-nodes@acme-agents.iam.gserviceaccount.com";

export const TYPE = {
  account: "gcp:serviceaccount/account:Account",
  api: "gcp:projects/service:Service",
  cluster: "gcp:container/cluster:Cluster",
  iam: "gcp:projects/iAMMember:IAMMember",
  key: "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
  nat: "gcp:compute/routerNat:RouterNat",
  network: "gcp:compute/network:Network",
  pool: "gcp:container/nodePool:NodePool",
  provider: "pulumi:providers:kubernetes",
  pull: "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember",
  registry: "gcp:artifactregistry/repository:Repository",
  router: "gcp:compute/router:Router",
  subnet: "gcp:compute/subnetwork:Subnetwork",
} as const;

/** Outputs that Google computes. */
export function outputs(type: string, inputs: Record<string, unknown>): Record<string, unknown> | undefined {
  switch (type) {
    case TYPE.cluster:
      return {
        endpoint: "34.1.2.3",
        selfLink: "https://container.googleapis.com/v1/projects/acme-agents/clusters/ralph-cluster",
        masterAuth: { clusterCaCertificate: "Q0E=" },
        controlPlaneEndpointsConfig: { dnsEndpointConfig: { endpoint: "gke-1a2b.us-central1-a.gke.goog" } },
      };
    case TYPE.account: {
      const email = `${String(inputs.accountId)}@${PROJECT_ID}.iam.gserviceaccount.com`;
      return { email, member: `serviceAccount:${email}` };
    }
    case "gcp:projects/serviceIdentity:ServiceIdentity":
      return { member: "serviceAccount:service-1@container-engine-robot.iam.gserviceaccount.com" };
    default:
      return undefined;
  }
}

export const run = (
  cluster: StackConfig = PUBLIC,
  more: StackConfig = {},
  options: Pick<StackOptions, "preview" | "stack" | "program"> = {},
): Promise<StackRun> =>
  runStack({
    config: { cloud: "gke", cluster, ...more },
    foreign: FOREIGN,
    types: /^gcp:/,
    outputs,
    ...options,
  });

export const only = ({ ofType }: StackRun, type: string): Registered => {
  const found = ofType(type);
  assert.equal(found.length, 1, `${found.length} of ${type}`);
  return found[0] as Registered;
};

/** Limits PATH to the authentication programs while the tests of a suite run. */
export function withPrograms(): void {
  const { PATH } = process.env;
  let folder: string;
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "ralph-gke-"));
    for (const program of [PLUGIN, "gcloud"])
      fs.writeFileSync(path.join(folder, program), "", { mode: 0o755 });
    process.env.PATH = folder;
  });
  after(() => {
    process.env.PATH = PATH;
    fs.rmSync(folder, { recursive: true });
  });
}

/** What the program requests for the nodes of the guide's cluster. */
export const POOL = {
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
