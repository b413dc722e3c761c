import { z } from "zod";
import { api, deletionProtection, nodePools, nodes, tags } from "../schema";

/** Smallest volume of each Filestore tier in GiB, from GKE 1.33 on. A smaller claim gets this size, and is billed for it. */
export const FILESTORE_GIB = {
  BASIC_HDD: 100,
  BASIC_SSD: 2560,
  ZONAL: 1024,
  REGIONAL: 100,
  ENTERPRISE: 1024,
} as const;
const TIERS = Object.keys(FILESTORE_GIB) as (keyof typeof FILESTORE_GIB)[];

/** The logs that can be enabled; Cloud Audit Logs keep admin activity in any case. */
const LOGS = [
  "SYSTEM_COMPONENTS",
  "WORKLOADS",
  "APISERVER",
  "SCHEDULER",
  "CONTROLLER_MANAGER",
  "KCP_CONNECTION",
  "KCP_SSHD",
] as const;
const DEFAULT_LOGS = LOGS.slice(0, 5);

/** Types of a node's boot disk. */
const DISK_TYPES = ["pd-balanced", "pd-standard", "pd-ssd", "hyperdisk-balanced"] as const;

/** What does not happen during a maintenance exclusion. */
const SCOPES = ["NO_UPGRADES", "NO_MINOR_UPGRADES", "NO_MINOR_OR_NODE_UPGRADES"] as const;

const DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;

const text = z.string().min(1);

/** Default ranges of the network that is created. */
export const RANGES = { nodes: "10.0.0.0/20", pods: "10.4.0.0/14", services: "10.8.0.0/20" } as const;

/** Keys and types. check.ts has the rules for their values, so that all problems are reported at once. */
export const schema = z.strictObject({
  name: text.default("ralph-cluster").meta({
    description: "Name of the cluster, and of its network, registry and service account.",
  }),
  location: text.default("us-central1-a").meta({
    description: "Zone or region. In a region, the control plane and the nodes run in three zones.",
  }),
  zones: z.array(text).default([]).meta({
    description:
      "With a zone as location: additional zones for the nodes. With a region: the zones of the nodes.",
  }),
  nodes: nodes(
    text.default("n1-standard-2").meta({ description: "Machine type, with at least 2 vCPU and 4 GiB." }),
  )
    .unwrap()
    .extend({
      diskType: z.enum(DISK_TYPES).optional().meta({
        description:
          "Type of a node's boot disk. By default pd-balanced, or hyperdisk-balanced for machines that support only that. pd-standard does not count against the quota SSD_TOTAL_GB.",
      }),
    })
    .prefault({})
    .meta({ description: "Nodes for Ralph's pods." }),
  nodePools: nodePools(text.meta({ description: "Machine type of the pool." })),
  serviceAccount: text
    .optional()
    .meta({ description: "Account id of the nodes' service account. By default `<name>-nodes`." }),
  releaseChannel: z
    .enum(["RAPID", "REGULAR", "STABLE", "EXTENDED"])
    .default("REGULAR")
    .meta({ description: "Release channel, which decides on upgrades and how early they come." }),
  version: z.union([z.string(), z.number()]).transform(String).optional().meta({
    description: 'Minimum Kubernetes version, such as "1.34". By default the release channel chooses it.',
  }),
  maintenance: z
    .strictObject({
      days: z
        .array(z.enum(DAYS))
        .min(1)
        .default(["SA", "SU"])
        .meta({ description: "Days on which the window begins." }),
      start: text
        .default("08:00")
        .meta({ description: "Start in UTC. The default is after the guide's nightly task." }),
      hours: z
        .int()
        .min(4)
        .max(24)
        .default(6)
        .meta({ description: "Length in hours. All windows of four weeks must add up to 48." }),
      exclusions: z
        .array(
          z.strictObject({
            name: text.meta({ description: "Name of the exclusion." }),
            start: text.meta({ description: "Start in UTC, such as 2026-12-18T00:00:00Z." }),
            end: text.meta({ description: "End in UTC." }),
            scope: z
              .enum(SCOPES)
              .default("NO_UPGRADES")
              .meta({ description: "The upgrades that GKE holds back." }),
          }),
        )
        .default([])
        .meta({ description: "Times in which GKE upgrades nothing of its own accord, such as a freeze." }),
    })
    .prefault({})
    .meta({ description: "Maintenance window, in which GKE may upgrade the control plane and the nodes." }),
  gatewayApi: z.boolean().default(false).meta({
    description: "Serve the kinds of Gateway API, with Google's controller, for `gateway`.",
  }),
  hostPolicies: z.boolean().default(false).meta({
    description:
      "Serve FQDNNetworkPolicy, for `networkPolicy.hosts`. It stays on once it is: off again would take another cluster.",
  }),
  nodeEncryption: z.boolean().optional().meta({
    description:
      "WireGuard between pods of different nodes, on top of Google's own encryption, for at most 500 nodes and at a price in CPU. A change applies in place; false turns it off again.",
  }),
  api: api.meta({
    description: "Access to the API server: `public` opens its DNS endpoint, `cidrs` its IP address.",
  }),
  credentials: z.enum(["adc", "gcloud"]).default("adc").meta({
    description:
      "Credentials that the kubeconfig uses: Application Default Credentials, or those of `gcloud auth login`.",
  }),
  network: z
    .strictObject({
      existing: z
        .strictObject({
          project: text.optional().meta({
            description: "Host project of a Shared VPC. By default the network is in the cluster's project.",
          }),
          network: text.meta({ description: "Name of the network." }),
          subnet: text.meta({ description: "Name of the nodes' subnet, in the cluster's region." }),
          podsRange: text.meta({ description: "Name of the subnet's secondary range for pods." }),
          servicesRange: text.meta({ description: "Name of the subnet's secondary range for Services." }),
        })
        .optional()
        .meta({
          description:
            "A network that exists already, in place of the ranges below. It needs a route to the internet, such as Cloud NAT.",
        }),
      nodes: text.default(RANGES.nodes).meta({ description: "Range of the nodes." }),
      pods: text
        .default(RANGES.pods)
        .meta({ description: "Range of the pods, of which each node gets a /24." }),
      services: text.default(RANGES.services).meta({
        description: "Range of Services. 34.118.224.0/20 is the one that Google manages for every cluster.",
      }),
      controlPlane: text.optional().meta({
        description:
          "A /28 for the control plane's private address. By default it gets one of the nodes' range.",
      }),
    })
    .prefault({})
    .meta({ description: "Address ranges of the cluster's own VPC." }),
  storage: z
    .strictObject({
      rwo: z.enum(["standard-rwo", "premium-rwo"]).default("standard-rwo").meta({
        description:
          "Class for ReadWriteOnce: balanced or SSD Persistent Disk. Machines that do not support those use `ralph-hyperdisk`.",
      }),
      filestore: z
        .strictObject({
          enabled: z
            .boolean()
            .default(true)
            .meta({ description: "Creates the class `ralph-filestore` for ReadWriteMany." }),
          tier: z.enum(TIERS).default("BASIC_HDD").meta({
            description: "Service tier, with volumes from 100 GiB, 2.5 TiB, 1 TiB, 100 GiB or 1 TiB.",
          }),
        })
        .prefault({})
        .meta({ description: "Volumes for many nodes." }),
      kmsKey: text.optional().meta({
        description:
          "Cloud KMS key, in the cluster's region, that encrypts new disks and Filestore volumes, by classes of their own. Filestore needs the tier ZONAL, REGIONAL or ENTERPRISE for it.",
      }),
    })
    .prefault({}),
  logs: z
    .array(z.enum(LOGS))
    .default([...DEFAULT_LOGS])
    .meta({ description: "Logs that are sent to Cloud Logging, besides the audit log." }),
  kmsKey: text.optional().meta({
    description:
      "Cloud KMS key, in the cluster's region, that encrypts Secrets. This program neither creates nor deletes it.",
  }),
  deletionProtection,
  tags,
});

export type Config = z.output<typeof schema>;

/** The account id of the nodes' service account. */
export const accountId = ({ name, serviceAccount }: Config): string => serviceAccount ?? `${name}-nodes`;

/** The range of Services that every cluster may use. It is not a range of the VPC. */
export const MANAGED_SERVICES = "34.118.224.0/20";
