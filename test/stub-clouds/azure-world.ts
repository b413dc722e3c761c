/** An account at the stub of Azure, with what a cluster needs beside it, for the tests of its rules. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Created, StubCloud } from "../../stub-clouds/cloud";
import { tableOf } from "../../stub-clouds/tables";
import type { Values } from "../../stub-clouds/types";
import { World } from "../../stub-clouds/world";

export const TYPES = {
  group: "azure-native:resources:ResourceGroup",
  vnet: "azure-native:network:VirtualNetwork",
  subnet: "azure-native:network:Subnet",
  identity: "azure-native:managedidentity:UserAssignedIdentity",
  grant: "azure-native:authorization:RoleAssignment",
  lock: "azure-native:authorization:ManagementLockByScope",
  cluster: "azure-native:containerservice:ManagedCluster",
  pool: "azure-native:containerservice:AgentPool",
  workspace: "azure-native:operationalinsights:Workspace",
  diagnostics: "azure-native:monitor:DiagnosticSetting",
} as const;
export type Kind = keyof typeof TYPES;

export const ROLES =
  "/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.Authorization/roleDefinitions";
const NETWORK_CONTRIBUTOR = `${ROLES}/4d97b98b-1d4f-4787-a291-c67834d212e7`;
export const SPOT_TAINT = { nodeTaints: ["kubernetes.azure.com/scalesetpriority=spot:NoSchedule"] };

export const subject = (kind: Kind, name = "it") => ({ urn: `${kind}-${name}`, token: TYPES[kind], name });

/** A group `g` with a network, its subnet and an identity. */
export class Azure {
  readonly dir = mkdtempSync(join(tmpdir(), "stub-azure-"));
  readonly world = World.create(this.dir, {
    apiServer: { host: "127.0.0.1:1", certificateAuthority: "Q0E=" },
    timeScale: 0,
    seed: 1,
  });
  cloud = new StubCloud("azure-native", tableOf("azure-native"), this.world);
  subnet = "";
  identity = { id: "", principalId: "" };

  create = (kind: Kind, inputs: Values): Promise<Created> =>
    this.cloud.create(subject(kind), inputs, false, 0);

  createInGroup = (kind: Kind, inputs: Values): Promise<Created> =>
    this.create(kind, { resourceGroupName: "g", ...inputs });

  remove = (kind: Kind, id: string): Promise<void> => this.cloud.delete(subject(kind), id, 0);

  /** Lets the identity use the subnet. */
  grant = async (more: Values = {}): Promise<Created> => {
    const given = {
      principalId: this.identity.principalId,
      principalType: "ServicePrincipal",
      roleDefinitionId: NETWORK_CONTRIBUTOR,
      scope: this.subnet,
      ...more,
    };
    // With the name that the provider gives it.
    const { inputs } = await this.cloud.check(subject("grant"), {}, given, randomBytes(8));
    return this.create("grant", inputs);
  };

  pool = (more: Values = {}): Values => ({
    name: "system",
    mode: "System",
    vmSize: "Standard_DS2_v2",
    vnetSubnetID: this.subnet,
    ...more,
  });

  clusterOf = (more: Values = {}): Values => ({
    resourceGroupName: "g",
    resourceName: "c",
    dnsPrefix: "c",
    identity: { type: "UserAssigned", userAssignedIdentities: [this.identity.id] },
    agentPoolProfiles: [this.pool()],
    ...more,
  });

  async begin(): Promise<void> {
    this.cloud.configure({ location: "westeurope" });
    await this.createInGroup("group", { resourceGroupName: "g" });
    await this.createInGroup("vnet", {
      virtualNetworkName: "v",
      addressSpace: { addressPrefixes: ["10.0.0.0/8"] },
    });
    const on = { virtualNetworkName: "v", subnetName: "s", addressPrefix: "10.0.0.0/16" };
    this.subnet = (await this.createInGroup("subnet", on)).id;
    const { id, properties } = await this.createInGroup("identity", { resourceName: "i" });
    this.identity = { id, principalId: String(properties.principalId) };
  }
}

/** A new one for each test. */
export function azureWorld(): () => Azure {
  let azure: Azure;
  beforeEach(async () => {
    azure = new Azure();
    await azure.begin();
  });
  afterEach(() => rmSync(azure.dir, { recursive: true, force: true }));
  return () => azure;
}
