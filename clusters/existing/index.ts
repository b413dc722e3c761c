import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { dnsLabel, dnsSubdomain, stringMap, wholeCidr } from "../../config/formats";
import type { Problem } from "../../config/problems";
import { findContext, KubeconfigError } from "../kubeconfig-files";
import type { Cloud, Cluster, ClusterTraits } from "../types";
import { readObject } from "./read";

/** A cluster that already exists: its kubeconfig, and the traits that only the user knows. */
const schema = z.strictObject({
  kubeconfig: z.string().min(1).optional().meta({
    description:
      "Path of the kubeconfig. By default as kubectl finds it: the files of $KUBECONFIG, ~/.kube/config or, in a pod, its service account.",
  }),
  context: z
    .string()
    .min(1)
    .optional()
    .meta({ description: "Context in the kubeconfig. By default its current context." }),
  storageClass: z
    .strictObject({
      rwo: dnsSubdomain.default("standard").meta({ description: "Storage class for ReadWriteOnce." }),
      rwx: dnsSubdomain
        .optional()
        .meta({ description: "Storage class for ReadWriteMany, if the cluster has one." }),
    })
    .prefault({}),
  ingress: z
    .strictObject({
      className: dnsSubdomain.default("nginx").meta({ description: "Ingress class of the controller." }),
      annotations: stringMap
        .default({})
        .meta({ description: "Annotations that the controller needs on every Ingress." }),
      from: z
        .strictObject({
          namespaces: z
            .array(dnsLabel())
            .default(["ingress-nginx"])
            .meta({ description: "Namespaces of the controller's pods." }),
          cidrs: z
            .array(wholeCidr)
            .default([])
            .meta({ description: "Address ranges of other sources, such as a load balancer." }),
        })
        .prefault({})
        .meta({ description: "Source of the controller's requests." }),
    })
    .prefault({}),
  networkPolicy: z
    .strictObject({
      enforced: z
        .boolean()
        .default(true)
        .meta({ description: "Whether the network plug-in enforces network policies." }),
      late: z.boolean().default(false).meta({
        description:
          "Whether a new pod can reach everything until its policies are applied, as with the VPC CNI of EKS. No agent starts before.",
      }),
      dnsCidrs: z
        .array(wholeCidr)
        .default([])
        .meta({ description: "Addresses of DNS resolvers that are not pods, such as 169.254.20.10/32." }),
      blockedCidrs: z
        .array(wholeCidr)
        .default([])
        .meta({ description: "Ranges that pods must not reach, besides private ones." }),
    })
    .prefault({}),
  architectures: z
    .array(z.enum(["amd64", "arm64"]))
    .min(1)
    .default(["amd64"])
    .meta({ description: "Processor architectures of the nodes, for which `image.build` builds." }),
  metricsApi: z.boolean().default(true).meta({ description: "Whether the cluster serves metrics.k8s.io." }),
});
type Config = z.output<typeof schema>;

const traits = ({
  storageClass,
  ingress,
  networkPolicy,
  metricsApi,
  architectures,
}: Config): ClusterTraits => ({
  storageClass,
  ingress,
  networkPolicy,
  metricsApi,
  architectures,
});

function check(config: Config): Problem[] {
  try {
    findContext(config);
    return [];
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    const key = `ralph:cluster.${error.about}`;
    return [{ key, rule: error.message, fix: `pulumi config set --path ${key} <${error.about}>` }];
  }
}

class Existing extends pulumi.ComponentResource implements Cluster {
  readonly clusterName: pulumi.Output<string>;
  readonly identity: pulumi.Output<string>;
  readonly kubeconfig: pulumi.Output<string>;
  readonly storageClasses = [];
  readonly foundation = [];
  readonly read: Cluster["read"];

  constructor(name: string, config: Config, opts?: pulumi.ComponentResourceOptions) {
    super("ralph:cluster:Existing", name, {}, opts);
    // Read on each run, because credentials in the files may have been renewed.
    const chosen = findContext(config);
    this.clusterName = pulumi.output(chosen.name);
    // The address is the only identity of a cluster that is known without calling it.
    this.identity = pulumi.output(chosen.server);
    this.kubeconfig = pulumi.secret(chosen.kubeconfig);
    this.read = (path) => readObject(chosen.kubeconfig, path);
    this.registerOutputs({ clusterName: this.clusterName, identity: this.identity });
  }
}

export const cloud = {
  schema,
  check,
  traits,
  // Only objects are created, in the stack's own namespace.
  ephemeral: { defaults: () => ({}), without: [] },
  create: (name, config, opts) => new Existing(name, config, opts),
} satisfies Cloud<Config>;
