import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { cidr, dnsLabel, dnsSubdomain, stringMap } from "../../config/formats";
import type { Problem } from "../../config/problems";
import { type Context, KubeconfigError, selectContext } from "../kubeconfig";
import type { Cloud, Cluster, ClusterTraits } from "../types";

/** A cluster that is there already: a kubeconfig, and what its owner says of it. */
const schema = z.strictObject({
  kubeconfig: z
    .string()
    .min(1)
    .optional()
    .meta({ description: "File. By default the one that $KUBECONFIG names." }),
  context: z.string().min(1).optional().meta({ description: "By default the file's current context." }),
  storageClass: z
    .strictObject({
      rwo: dnsSubdomain.default("standard").meta({ description: "Class for ReadWriteOnce." }),
      rwx: dnsSubdomain.optional().meta({ description: "Class for ReadWriteMany, where there is one." }),
    })
    .prefault({}),
  ingress: z
    .strictObject({
      className: dnsSubdomain.default("nginx").meta({ description: "Class of the controller." }),
      annotations: stringMap.default({}).meta({ description: "What its controller asks of every Ingress." }),
      from: z
        .strictObject({
          namespaces: z
            .array(dnsLabel())
            .default(["ingress-nginx"])
            .meta({ description: "Where its pods are." }),
          cidrs: z
            .array(cidr)
            .default([])
            .meta({ description: "Addresses of what is no pod, such as a load balancer." }),
        })
        .prefault({})
        .meta({ description: "Where the controller's requests come from." }),
    })
    .prefault({}),
  networkPolicy: z
    .strictObject({
      enforced: z
        .boolean()
        .default(true)
        .meta({ description: "Whether the network plug-in enforces policies." }),
      dnsCidrs: z
        .array(cidr)
        .default([])
        .meta({ description: "Resolvers that are no pods, such as 169.254.20.10/32." }),
      blockedCidrs: z.array(cidr).default([]).meta({ description: "Ranges to close beside private ones." }),
    })
    .prefault({}),
  architectures: z
    .array(z.enum(["amd64", "arm64"]))
    .min(1)
    .default(["amd64"])
    .meta({ description: "Processors of its nodes: what `image.build` builds for." }),
  metricsApi: z.boolean().default(true).meta({ description: "Whether metrics.k8s.io is served." }),
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
  registry: false,
});

function check(config: Config): Problem[] {
  try {
    context(config);
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
  readonly traits: ClusterTraits;
  readonly storageClasses = [];
  readonly foundation = [];

  constructor(name: string, config: Config, opts?: pulumi.ComponentResourceOptions) {
    super("ralph:cluster:Existing", name, {}, opts);
    const chosen = context(config);
    this.clusterName = pulumi.output(chosen.name);
    // The address is all that tells two clusters apart without asking them.
    this.identity = pulumi.output(chosen.server);
    this.kubeconfig = pulumi.secret(chosen.kubeconfig);
    this.traits = traits(config);
    this.registerOutputs({ clusterName: this.clusterName, identity: this.identity });
  }
}

export const cloud = {
  schema,
  check,
  traits,
  // Nothing is made but objects; the namespace must be the stack's own.
  ephemeral: { defaults: () => ({}), without: [] },
  create: (name, config, opts) => new Existing(name, config, opts),
} satisfies Cloud<Config>;

/**
 * Reads the file anew on each run: credentials in it may have been renewed.
 *
 * @throws KubeconfigError where there is no such file or context
 */
export function context(config: Pick<Config, "kubeconfig" | "context">): Context {
  const file = config.kubeconfig ?? process.env.KUBECONFIG ?? "";
  if (file === "") throw new KubeconfigError("kubeconfig", "is missing, and $KUBECONFIG is not set");
  const location = path.resolve(file.replace(/^~(?=\/)/, os.homedir()));
  let text: string;
  try {
    text = fs.readFileSync(location, "utf8");
  } catch (error) {
    throw new KubeconfigError(
      "kubeconfig",
      `${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`,
    );
  }
  try {
    return selectContext(text, path.dirname(location), config.context);
  } catch (error) {
    throw error instanceof KubeconfigError
      ? new KubeconfigError(error.about, `${file} ${error.message}`)
      : error;
  }
}
