import * as pulumi from "@pulumi/pulumi";
import type {
  BackupPlan,
  Backups,
  Cloud,
  Cluster,
  Granted,
  ModelAccess,
  NodeAutoscaler,
  Registry,
  SecretAccess,
  SecretSource,
  StorageClassSpec,
} from "../types";
import { account } from "./account";
import { createNetworkAddons, createNodeAddons } from "./addons";
import { createAdmins } from "./admins";
import { createAutoscalerAccess, nodeAutoscaler } from "./autoscaler";
import { prepareBackups } from "./backups";
import { check } from "./check";
import { type Config, schema } from "./config";
import { createControlPlane } from "./control-plane";
import { ephemeral } from "./ephemeral";
import { kubeconfig } from "./kubeconfig";
import { grantModels } from "./models";
import { createLogs, refuseForeignLogs } from "./logs";
import { createNetwork } from "./network";
import { createNodes } from "./nodes";
import { checkOffers } from "./offers";
import { prepare } from "./prepare";
import { createRegistry } from "./registry";
import { createScope } from "./scope";
import { createStorage } from "./storage";
import { grantSecrets } from "./secrets";
import { traits } from "./traits";
import { warnings } from "./warnings";
import { createWorkloadLogs } from "./workload-logs";

/** A cluster on Amazon EKS with everything it needs: VPC, roles, nodes, add-ons, file system, registry. */
class Eks extends pulumi.ComponentResource implements Cluster {
  readonly clusterName: pulumi.Output<string>;
  readonly identity: pulumi.Output<string>;
  readonly kubeconfig: pulumi.Output<string>;
  readonly storageClasses: readonly StorageClassSpec[];
  readonly nodeAutoscaler?: NodeAutoscaler;
  readonly registry: Registry;
  readonly foundation: readonly pulumi.Resource[];
  readonly grantModels: (access: ModelAccess) => Granted;
  readonly grantSecrets: (access: SecretAccess) => SecretSource;
  readonly prepareBackups: (plan: BackupPlan) => Backups;

  constructor(name: string, config: Config, opts?: pulumi.ComponentResourceOptions) {
    super("ralph:cluster:Eks", name, {}, opts);
    const scope = createScope(this, name, config);
    const network = createNetwork(scope);
    const logs = createLogs(scope);
    const controlPlane = createControlPlane(scope, { network, logs });
    const admins = createAdmins(scope, controlPlane);
    const networkAddons = createNetworkAddons(scope, controlPlane);
    const nodes = createNodes(scope, { network, controlPlane }, [...network.routes, ...networkAddons]);
    const nodeAddons = createNodeAddons(scope, controlPlane, nodes);
    const workloadLogs = createWorkloadLogs(scope, controlPlane, nodes);
    const autoscaler = createAutoscalerAccess(scope, controlPlane);
    const storage = createStorage(scope, { network, controlPlane });

    this.clusterName = controlPlane.name;
    this.identity = controlPlane.arn;
    this.kubeconfig = kubeconfig(scope, controlPlane);
    this.storageClasses = storage.classes;
    this.nodeAutoscaler = nodeAutoscaler(scope, controlPlane);
    this.registry = createRegistry(scope);
    this.foundation = [
      ...network.routes,
      ...admins,
      ...networkAddons,
      ...nodes,
      ...nodeAddons,
      ...workloadLogs,
      ...autoscaler,
      ...storage.mounts,
    ];
    this.grantSecrets = (access) => grantSecrets(scope, controlPlane, access);
    this.grantModels = (access) => grantModels(scope, controlPlane, access);
    this.prepareBackups = (plan) => prepareBackups(scope, controlPlane, nodes, plan);
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
  prepare,
  create: (name, config, opts) => {
    checkOffers(config);
    refuseForeignLogs(config);
    return new Eks(name, config, opts);
  },
} satisfies Cloud<Config>;
