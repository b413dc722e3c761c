import * as pulumi from "@pulumi/pulumi";
import { execKubeconfig } from "../kubeconfig";
import type { Cloud, Cluster, ClusterTraits, NodeAutoscaler, StorageClassSpec } from "../types";
import { access } from "./access";
import { networkAddons, nodeAddons } from "./addons";
import { autoscalerAccess, nodeAutoscaler } from "./autoscaler";
import { check } from "./check";
import { type Config, profile as configuredProfile, region, schema } from "./config";
import { type ControlPlane, controlPlane } from "./control-plane";
import { ephemeral } from "./ephemeral";
import { network } from "./network";
import { nodeGroup } from "./nodes";
import { registry } from "./registry";
import type { Scope } from "./scope";
import { storage } from "./storage";
import { traits } from "./traits";
import { warnings } from "./warnings";

/** A cluster on Amazon EKS, with all it stands on: VPC, roles, nodes, add-ons, file system, registry. */
class Eks extends pulumi.ComponentResource implements Cluster {
  readonly clusterName: pulumi.Output<string>;
  readonly identity: pulumi.Output<string>;
  readonly kubeconfig: pulumi.Output<string>;
  readonly traits: ClusterTraits;
  readonly storageClasses: readonly StorageClassSpec[];
  readonly nodeAutoscaler?: NodeAutoscaler;
  readonly registry: pulumi.Output<string>;
  readonly foundation: readonly pulumi.Resource[];

  constructor(name: string, config: Config, opts?: pulumi.ComponentResourceOptions) {
    super("ralph:cluster:Eks", name, {}, opts);
    const scope = this.scope(name, config);
    const net = network(scope);
    const plane = controlPlane(scope, net);
    const admins = access(scope, plane);
    const cni = networkAddons(scope, plane);
    const nodes = nodeGroup(scope, plane, net, [...net.routes, ...cni]);
    const drivers = nodeAddons(scope, plane, nodes);
    const autoscaler = autoscalerAccess(scope, plane);
    const { classes, mounts } = storage(scope, plane, net);

    this.clusterName = plane.name;
    this.identity = plane.arn;
    this.kubeconfig = kubeconfig(scope, plane);
    this.traits = traits(config);
    this.storageClasses = classes;
    this.nodeAutoscaler = nodeAutoscaler(scope);
    this.registry = registry(scope);
    this.foundation = [...net.routes, ...admins, ...cni, ...nodes, ...drivers, ...autoscaler, ...mounts];
    this.registerOutputs({
      clusterName: this.clusterName,
      identity: this.identity,
      registry: this.registry,
    });
  }

  private scope(name: string, config: Config): Scope {
    const tags = { ...config.tags, project: pulumi.getProject(), stack: pulumi.getStack() };
    return {
      name,
      config,
      region: region() ?? "",
      tags,
      named: (suffix) => ({ ...tags, Name: config.name + suffix }),
      options: (extra) => ({ parent: this, ...extra }),
    };
  }
}

/** `aws` mints a token of a quarter of an hour for each run; none is in the state. */
function kubeconfig({ config, region }: Scope, plane: ControlPlane): pulumi.Output<string> {
  const { roleArn, profile = configuredProfile() } = config.auth;
  return pulumi.secret(
    pulumi
      .all([plane.name, plane.endpoint, plane.certificateAuthority])
      .apply(([name, server, certificateAuthority]) =>
        execKubeconfig({
          name,
          server,
          certificateAuthority,
          exec: {
            command: "aws",
            args: [
              ...["--region", region, "eks", "get-token", "--cluster-name", name, "--output", "json"],
              ...(roleArn === undefined ? [] : ["--role-arn", roleArn]),
              ...(profile === undefined ? [] : ["--profile", profile]),
            ],
            installHint:
              "The AWS CLI, version 2: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
          },
        }),
      ),
  );
}

export const cloud = {
  schema,
  check,
  warnings,
  traits,
  ephemeral,
  create: (name, config, opts) => new Eks(name, config, opts),
} satisfies Cloud<Config>;
