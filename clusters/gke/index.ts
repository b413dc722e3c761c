import * as pulumi from "@pulumi/pulumi";
import type {
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
import { enableApis } from "./apis";
import { prepareBackups } from "./backups";
import { check } from "./check";
import { type Config, schema } from "./config";
import { createControlPlane } from "./control-plane";
import { ephemeral } from "./ephemeral";
import { useExisting } from "./existing-network";
import { createIdentity, createKeyAccess, createVolumeKeyAccess } from "./identity";
import { kubeconfig } from "./kubeconfig";
import { grantModels } from "./models";
import { createNetwork } from "./network";
import { createNodes } from "./nodes";
import { createRegistry, imageRegistry } from "./registry";
import { createScope } from "./scope";
import { storageClasses } from "./storage";
import { grantSecrets } from "./secrets";
import { traits } from "./traits";
import { warnings } from "./warnings";

/** Google Kubernetes Engine, with its own network, node identity and registry; no node has a public address. */
class Gke extends pulumi.ComponentResource implements Cluster {
  readonly clusterName: pulumi.Output<string>;
  readonly identity: pulumi.Output<string>;
  readonly kubeconfig: pulumi.Output<string>;
  readonly storageClasses: readonly StorageClassSpec[];
  readonly registry: Registry;
  readonly foundation: readonly pulumi.Resource[];
  readonly grantModels: (access: ModelAccess) => Granted;
  readonly grantSecrets: (access: SecretAccess) => SecretSource;
  readonly prepareBackups = prepareBackups;

  constructor(name: string, config: Config, opts?: pulumi.ComponentResourceOptions) {
    super("ralph:cluster:Gke", name, {}, opts);
    const scope = createScope(this, name, config);
    // First, because it may refuse what is configured.
    const existing = useExisting(scope);
    const api = enableApis(scope);
    const network = existing ?? createNetwork(scope, api("compute"));
    const repository = createRegistry(scope, api("artifactregistry"));
    const identity = createIdentity(scope, repository, api("iam", "cloudresourcemanager"));
    const keyAccess = createKeyAccess(scope, api("container", "cloudkms"));
    const volumeKeyAccess = createVolumeKeyAccess(scope, api("compute", "file", "cloudkms"));
    const controlPlane = createControlPlane(scope, { network, identity }, [
      ...api("compute", "container", "file"),
      ...keyAccess,
    ]);
    const nodes = createNodes(scope, { network, identity, controlPlane });

    this.clusterName = controlPlane.name;
    this.identity = controlPlane.selfLink;
    this.kubeconfig = kubeconfig(scope, controlPlane);
    this.storageClasses = storageClasses(scope, network);
    this.registry = imageRegistry(scope, repository);
    this.foundation = [...nodes, ...network.routes, ...identity.roles, ...keyAccess, ...volumeKeyAccess];
    this.grantSecrets = (access) =>
      grantSecrets(scope, [...api("iam", "cloudresourcemanager"), controlPlane], access);
    this.grantModels = (access) =>
      grantModels(scope, [...api("iam", "cloudresourcemanager"), controlPlane], access);
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
  create: (name, config, opts) => new Gke(name, config, opts),
} satisfies Cloud<Config>;
