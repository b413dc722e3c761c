/** The program on AKS without Azure: a minimal configuration, a full one, and Azure's answers. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { runStack, type StackOptions, type StackRun } from "./stack";

export const ADMIN = "11111111-2222-3333-4444-555555555555";
export const GROUP = "99999999-8888-7777-6666-555555555555";
export const VAULT = "/subscriptions/s/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/ralph";
export const KEY = "https://ralph.vault.azure.net/keys/etcd/0123456789abcdef0123456789abcdef";
export const REGION = { "azure-native:location": "westeurope" };

/** What every stack must configure. */
export const MINIMAL = { admins: [{ objectId: ADMIN }], api: { cidrs: ["203.0.113.0/24"] } };
/** Every option differs from its default. */
export const EVERYTHING = {
  ...MINIMAL,
  admins: [{ objectId: ADMIN }, { objectId: GROUP, type: "Group" }],
  api: { public: true },
  version: 1.35,
  tier: "Standard",
  zones: [1, "2", 3],
  nodes: { spot: true, machineType: "Standard_D8s_v5", min: 1, count: 4, max: 20, diskGb: 128 },
  webAppRouting: true,
  kmsKey: KEY,
  kmsVault: VAULT,
  login: "workloadidentity",
  deletionProtection: false,
  tags: { owner: "ralph" },
};

export const SERVER = "https://ralph-cluster-x1y2.hcp.westeurope.azmk8s.io:443";
/** The kubeconfig that AKS returns: its user prompts for a device code. */
const USER_KUBECONFIG = `apiVersion: v1
kind: Config
clusters:
- name: ralph-cluster
  cluster:
    certificate-authority-data: Q0E=
    server: ${SERVER}
users:
- name: clusterUser_ralph-rg_ralph-cluster
  user:
    exec: {command: kubelogin, args: [get-token, --login, devicecode]}
`;

const CREDENTIALS = {
  "azure-native:containerservice:listManagedClusterUserCredentials": {
    kubeconfigs: [{ name: "clusterUser", value: Buffer.from(USER_KUBECONFIG).toString("base64") }],
  },
};

export const ISSUER = "https://westeurope.oic.prod-aks.azure.com/tenant/cluster/";

const COMPUTED: Readonly<Record<string, Record<string, unknown>>> = {
  "azure-native:resources:ResourceGroup": { name: "ralph-rg" },
  "azure-native:network:VirtualNetwork": { name: "vnet-name" },
  "azure-native:managedidentity:UserAssignedIdentity": {
    name: "identity",
    clientId: "client",
    principalId: "principal",
    tenantId: "tenant",
  },
  "azure-native:containerservice:ManagedCluster": {
    name: "ralph-cluster",
    oidcIssuerProfile: { enabled: true, issuerURL: ISSUER },
  },
};

export const run = (cluster: object, options: StackOptions = {}): Promise<StackRun> =>
  runStack({
    config: { cloud: "aks", cluster },
    foreign: REGION,
    types: /^azure-native:/,
    outputs: (type) => COMPUTED[type],
    calls: CREDENTIALS,
    ...options,
  });

/**
 * Sets PATH to a folder with only these programs.
 *
 * @returns restores PATH
 */
export function onlyPrograms(...names: string[]): () => void {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ralph-aks-"));
  for (const each of names) fs.writeFileSync(path.join(folder, each), "", { mode: 0o755 });
  const { PATH } = process.env;
  process.env.PATH = folder;
  return () => {
    process.env.PATH = PATH;
    fs.rmSync(folder, { recursive: true });
  };
}
