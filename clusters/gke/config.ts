import { z } from "zod";
import { api, deletionProtection, nodes, tags } from "../schema";

/** Smallest volume of each Filestore tier in GiB, from GKE 1.33 on. A claim for less gets, and pays, this. */
export const FILESTORE_GIB = { BASIC_HDD: 100, BASIC_SSD: 2560, ZONAL: 1024, ENTERPRISE: 1024 } as const;
const TIERS = Object.keys(FILESTORE_GIB) as (keyof typeof FILESTORE_GIB)[];

/** What the control plane can log beside the admin activity that Cloud Audit Logs always keep. */
const LOGS = [
  "SYSTEM_COMPONENTS",
  "WORKLOADS",
  "APISERVER",
  "SCHEDULER",
  "CONTROLLER_MANAGER",
  "KCP_CONNECTION",
  "KCP_SSHD",
] as const;
const USUAL_LOGS = LOGS.slice(0, 5);

const DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;

const text = z.string().min(1);

/** Keys and types; `rules.ts` says what their values must be, so that all that is wrong is told at once. */
export const schema = z.strictObject({
  name: text.default("ralph-cluster").meta({
    description: "Name of the cluster, and of the network, the registry and the node identity beside it.",
  }),
  location: text.default("us-central1-a").meta({
    description: "Zone, or region: then the control plane and the nodes are in three zones.",
  }),
  zones: z
    .array(text)
    .default([])
    .meta({ description: "Of a zone: more zones for its nodes. Of a region: the zones of its nodes." }),
  nodes: nodes(text.default("n1-standard-2").meta({ description: "With two vCPU and 4 GiB at least." })),
  serviceAccount: text
    .optional()
    .meta({ description: "Account id of the nodes. By default `<name>-nodes`." }),
  releaseChannel: z
    .enum(["RAPID", "REGULAR", "STABLE", "EXTENDED", "UNSPECIFIED"])
    .default("REGULAR")
    .meta({ description: "Who decides on upgrades, and how early." }),
  version: z
    .union([z.string(), z.number()])
    .transform(String)
    .optional()
    .meta({ description: 'Least version of the control plane, such as "1.34"; by default the channel\'s.' }),
  maintenance: z
    .strictObject({
      days: z
        .array(z.enum(DAYS))
        .min(1)
        .default(["SA", "SU"])
        .meta({ description: "Days on which it begins." }),
      start: text.default("08:00").meta({ description: "UTC; after the guide's nightly task." }),
      hours: z
        .int()
        .min(4)
        .max(24)
        .default(6)
        .meta({ description: "Length. In four weeks all of them must give 48." }),
    })
    .prefault({})
    .meta({ description: "When the cloud may upgrade control plane and nodes." }),
  api: api.meta({
    description: "Access to the API server: `public` is its DNS endpoint, `cidrs` its address.",
  }),
  credentials: z.enum(["adc", "gcloud"]).default("adc").meta({
    description: "Whose the kubeconfig uses: Application Default Credentials, or `gcloud auth login`.",
  }),
  network: z
    .strictObject({
      nodes: text.default("10.0.0.0/20").meta({ description: "Addresses of nodes." }),
      pods: text.default("10.4.0.0/14").meta({ description: "A /24 of it for each node." }),
      services: text
        .default("10.8.0.0/20")
        .meta({ description: "34.118.224.0/20 is the range that Google manages for every cluster." }),
      controlPlane: text
        .optional()
        .meta({ description: "A /28 for its private address. By default one of the nodes' range." }),
    })
    .prefault({})
    .meta({ description: "Ranges of the cluster's own VPC." }),
  storage: z
    .strictObject({
      rwo: z.enum(["standard-rwo", "premium-rwo"]).default("standard-rwo").meta({
        description:
          "For ReadWriteOnce: balanced or SSD persistent disks; `ralph-hyperdisk` on machines that take none.",
      }),
      filestore: z
        .strictObject({
          enabled: z
            .boolean()
            .default(true)
            .meta({ description: "Makes the class `ralph-filestore` for ReadWriteMany." }),
          tier: z
            .enum(TIERS)
            .default("BASIC_HDD")
            .meta({ description: "Volumes start at 100 GiB, 2.5 TiB, 1 TiB and 1 TiB." }),
        })
        .prefault({})
        .meta({ description: "Volumes that many nodes mount." }),
    })
    .prefault({}),
  logs: z
    .array(z.enum(LOGS))
    .default([...USUAL_LOGS])
    .meta({ description: "What goes to Cloud Logging, beside the audit log." }),
  kmsKey: text.optional().meta({
    description: "Key of the cluster's region that encrypts Secrets. It is never made or deleted here.",
  }),
  deletionProtection,
  tags,
});

export type Config = z.output<typeof schema>;

/** An account id has 6 to 30 characters, a cluster's name up to 40. */
export const accountId = ({ name, serviceAccount }: Config): string => serviceAccount ?? `${name}-nodes`;

/** The services range that every cluster may use, and which is no range of the VPC. */
export const MANAGED_SERVICES = "34.118.224.0/20";
