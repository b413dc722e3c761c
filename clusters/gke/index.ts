import * as pulumi from "@pulumi/pulumi";
import type { Cloud, Cluster, ClusterTraits, StorageClassSpec } from "../types";
import { kubeconfig } from "./access";
import { check } from "./check";
import { type Config, schema } from "./config";
import { createControlPlane } from "./control-plane";
import { ephemeral } from "./ephemeral";
import { createNodeIdentity, grantKey } from "./identity";
import { createNetwork } from "./network";
import { createNodePools } from "./nodes";
import { createRegistry } from "./registry";
import { enableApis } from "./services";
import { storageClasses } from "./storage";
import { traits } from "./traits";
import { warnings } from "./warnings";

/** Google Kubernetes Engine, in a network of its own, on nodes without a public address. */
class Gke extends pulumi.ComponentResource implements Cluster {
  readonly clusterName: pulumi.Output<string>;
  readonly identity: pulumi.Output<string>;
  readonly kubeconfig: pulumi.Output<string>;
  readonly traits: ClusterTraits;
  readonly storageClasses: readonly StorageClassSpec[];
  readonly registry: pulumi.Output<string>;
  readonly foundation: readonly pulumi.Resource[];

  /** @param project id of the Google Cloud project */
  constructor(name: string, config: Config, project: string, opts?: pulumi.ComponentResourceOptions) {
    super("ralph:cluster:Gke", name, {}, opts);
    const api = enableApis(name, config, project, { parent: this });
    const network = createNetwork(name, config, api("compute"), this);
    const { account, roles } = createNodeIdentity(
      name,
      config,
      project,
      api("iam", "cloudresourcemanager"),
      this,
    );
    const key =
      config.kmsKey === undefined
        ? []
        : [grantKey(name, config.kmsKey, project, api("container", "cloudkms"), this)];
    const cluster = createControlPlane(
      name,
      { config, project, network, serviceAccount: account.email },
      [...api("container", "file"), ...roles, ...key],
      this,
    );
    // Nodes start by pulling images, and pull as long as there are pods.
    const pools = createNodePools(name, config, cluster, account.email, [network.nat, ...roles], this);

    this.clusterName = cluster.name;
    this.identity = cluster.selfLink;
    this.kubeconfig = kubeconfig(cluster, config);
    this.traits = traits(config);
    this.storageClasses = storageClasses(config, network.network.name);
    this.registry = createRegistry(name, config, project, api("artifactregistry"), this);
    this.foundation = [...pools, network.nat, ...roles, ...key];
    this.registerOutputs({ clusterName: this.clusterName, identity: this.identity, registry: this.registry });
  }
}

export const cloud = {
  schema,
  check,
  warnings,
  traits,
  ephemeral,
  create: (name, config, opts) => new Gke(name, config, new pulumi.Config("gcp").require("project"), opts),
} satisfies Cloud<Config>;
