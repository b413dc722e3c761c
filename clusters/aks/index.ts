import * as pulumi from "@pulumi/pulumi";
import type {
  BackupPlan,
  Backups,
  Cloud,
  Cluster,
  Granted,
  ModelAccess,
  Registry,
  SecretAccess,
  SecretSource,
  StorageClassSpec,
} from "../types";
import { account } from "./account";
import { createAdmins } from "./admins";
import { prepareBackups } from "./backups";
import { check } from "./check";
import { type Config, schema } from "./config";
import { createControlPlane, createLock } from "./control-plane";
import { ephemeral } from "./ephemeral";
import { createIdentity } from "./identity";
import { kubeconfig } from "./kubeconfig";
import { createLogs, createWorkspace } from "./logs";
import { grantModels } from "./models";
import { createMaintenance } from "./maintenance";
import { createNetwork } from "./network";
import { createNodes } from "./nodes";
import { createRegistry, imageRegistry } from "./registry";
import { createScope } from "./scope";
import { storageClasses } from "./storage";
import { grantSecrets } from "./secrets";
import { traits } from "./traits";
import { warnings } from "./warnings";

/** Azure Kubernetes Service, with its own resource group, network, identities, registry and logs. */
class Aks extends pulumi.ComponentResource implements Cluster {
  readonly clusterName: pulumi.Output<string>;
  readonly identity: pulumi.Output<string>;
  readonly kubeconfig: pulumi.Output<string>;
  readonly registry: Registry;
  readonly storageClasses: readonly StorageClassSpec[];
  readonly foundation: readonly pulumi.Resource[];
  readonly grantModels: (access: ModelAccess) => Granted;
  readonly grantSecrets: (access: SecretAccess) => SecretSource;
  readonly prepareBackups: (plan: BackupPlan) => Backups;

  constructor(name: string, config: Config, opts?: pulumi.ComponentResourceOptions) {
    super("ralph:cluster:Aks", name, {}, opts);
    const scope = createScope(this, name, config);
    const network = createNetwork(scope);
    const registry = createRegistry(scope);
    const identity = createIdentity(scope, { network, registry });
    const grants = [...identity.controlPlaneGrants, identity.nodeGrant, ...createAdmins(scope)];
    const workspace = createWorkspace(scope);
    const controlPlane = createControlPlane(scope, { network, identity, workspace }, grants);
    const nodes = createNodes(scope, controlPlane, network);
    const maintenance = createMaintenance(scope, controlPlane);
    const logs = createLogs(scope, controlPlane, workspace);
    if (config.deletionProtection) createLock(scope, controlPlane, [...nodes, ...maintenance, ...logs]);

    this.clusterName = controlPlane.name;
    this.identity = controlPlane.id;
    // The cluster's identity belongs to the tenant whose users it authenticates.
    this.kubeconfig = kubeconfig(scope, controlPlane, identity.cluster.tenantId);
    this.registry = imageRegistry(registry);
    this.storageClasses = storageClasses(config);
    this.foundation = [...grants, controlPlane, ...nodes];
    this.grantSecrets = (access) => grantSecrets(scope, controlPlane, access);
    this.grantModels = (access) => grantModels(scope, controlPlane, access);
    this.prepareBackups = (plan) => prepareBackups(scope, identity, plan);
    this.registerOutputs({
      clusterName: this.clusterName,
      identity: this.identity,
      registry: this.registry.image,
    });
  }
}

export const cloud = {
  schema,
  check,
  account,
  warnings,
  traits,
  ephemeral,
  create: (name, config, opts) => new Aks(name, config, opts),
} satisfies Cloud<Config>;
