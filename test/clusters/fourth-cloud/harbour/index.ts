import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

import type { Cloud, Cluster, ClusterTraits } from "../../../../clusters/types";

/** A cloud that does not exist, and is complete: fourth-cloud.test.ts adds it to a copy of this tree. */
const schema = z.strictObject({
  name: z.string().default("ralph"),
  berth: z.string().default("north"),
  tags: z.record(z.string(), z.string()).default({}),
});
type Config = z.output<typeof schema>;

const traits = (): ClusterTraits => ({
  storageClass: { rwo: "standard" },
  ingress: { className: "nginx", annotations: {}, from: { namespaces: [], cidrs: [] } },
  networkPolicy: { enforced: true, dnsCidrs: [], blockedCidrs: [] },
  metricsApi: true,
  architectures: ["amd64"],
});

class Fleet extends pulumi.CustomResource {
  constructor(name: string, config: Config, opts: pulumi.CustomResourceOptions) {
    super("harbour:fleet:Cluster", name, config, opts);
  }
}

class Harbour extends pulumi.ComponentResource implements Cluster {
  readonly clusterName: pulumi.Output<string>;
  readonly identity: pulumi.Output<string>;
  readonly kubeconfig: pulumi.Output<string>;
  readonly storageClasses = [];
  readonly foundation: readonly pulumi.Resource[];

  constructor(name: string, config: Config, opts?: pulumi.ComponentResourceOptions) {
    super("ralph:cluster:Harbour", name, {}, opts);
    const fleet = new Fleet(name, config, { parent: this });
    this.clusterName = pulumi.output(config.name);
    this.identity = fleet.id;
    this.kubeconfig = pulumi.secret("");
    this.foundation = [fleet];
    this.registerOutputs({});
  }
}

export const cloud = {
  schema,
  traits,
  ephemeral: { defaults: ({ name, tags }) => ({ name, tags }), without: [] },
  create: (name, config, opts) => new Harbour(name, config, opts),
} satisfies Cloud<Config>;
