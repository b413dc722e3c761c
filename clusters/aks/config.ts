import { z } from "zod";
import { api, deletionProtection, nodePools, nodes, tags } from "../schema";

/** The formats of texts are in check.ts, because a schema cannot state their rules in full. */

/** YAML and `pulumi config set --path` turn `1` into a number. */
const text = z.union([z.string(), z.number()], { error: "must be text" }).transform(String);
const range = z.cidrv4({ error: "must be an IPv4 range such as 10.0.0.0/16" });
const machineType = z.string().default("Standard_DS2_v2").meta({ description: "VM size of the nodes." });

export const CHANNELS = ["patch", "stable", "rapid", "node-image", "none"] as const;
/** The ways in which kubelogin gets a token. `spn` and `workloadidentity` read AZURE_* variables. */
export const LOGINS = ["azurecli", "azd", "spn", "workloadidentity", "msi", "azurepipelines"] as const;
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
const LOGS = [
  "kube-audit",
  "kube-audit-admin",
  "guard",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "cluster-autoscaler",
  "cloud-controller-manager",
  "csi-azuredisk-controller",
  "csi-azurefile-controller",
  "csi-snapshot-controller",
] as const;

/** Defaults of the network that is created. */
export const VNET = "10.224.0.0/16";
export const NODES = "10.224.0.0/22";

/** Default names, sizes and counts are the guide's; default networks are those of AKS. */
export const schema = z.strictObject({
  name: z
    .string()
    .default("ralph-cluster")
    .meta({ description: "Cluster name; must be unique in its resource group." }),
  resourceGroup: z
    .string()
    .default("ralph-rg")
    .meta({ description: "Resource group; created for the cluster and deleted with it." }),
  dnsPrefix: z
    .string()
    .optional()
    .meta({ description: "Prefix of the API server's host name. Default: the cluster's name." }),
  tier: z.enum(["Free", "Standard", "Premium"]).default("Free").meta({
    description:
      "Pricing tier. Standard has an uptime SLA, Premium also long-term support; both are billed by the hour.",
  }),
  version: text
    .optional()
    .meta({ description: "Kubernetes version, such as 1.35. Default: the one that AKS recommends." }),
  channel: z
    .enum(CHANNELS)
    .default("patch")
    .meta({ description: "Automatic upgrade channel. `patch` keeps the minor version." }),
  maintenance: z
    .strictObject({
      day: z.enum(DAYS).default("Sunday").meta({ description: "Day on which the window begins." }),
      start: z.string().default("08:00").meta({
        description:
          "Time at which it begins, in hours and minutes. The default is after the guide's nightly task.",
      }),
      utcOffset: z
        .string()
        .default("+00:00")
        .meta({ description: "Offset of `start` from UTC, in hours and minutes." }),
      hours: z
        .int()
        .min(4)
        .max(24)
        .default(4)
        .meta({ description: "Length in hours; AKS accepts no less than 4." }),
    })
    .prefault({})
    .meta({ description: "Weekly window in which AKS may upgrade the cluster and its nodes." }),
  nodes: nodes(machineType),
  nodePools: nodePools(z.string().meta({ description: "VM size of the pool." })),
  system: z
    .strictObject({
      min: z.int().min(1).default(2).meta({ description: "Initial and minimum number of nodes." }),
      max: z.int().min(1).default(3).meta({ description: "Maximum number of nodes." }),
      machineType,
    })
    .prefault({})
    .meta({ description: "With nodes.spot: the pool for everything that must not be evicted." }),
  pools: z
    .strictObject({
      system: z.string().default("nodepool1").meta({
        description: "Name of the system pool, which every cluster has. The default is that of `az`.",
      }),
      spot: z.string().default("spot").meta({ description: "Name of the pool of spot nodes." }),
    })
    .prefault({})
    .meta({ description: "Names of the node pools." }),
  zones: z.array(text).default([]).meta({
    description: "Availability zones of the nodes, such as 1, 2, 3. Default: no zones are requested.",
  }),
  maxPods: z.int().min(10).max(250).default(250).meta({
    description:
      "Pods for each node. AKS reserves memory by it, and applies it to new pools only; an existing pool keeps its number.",
  }),
  network: z
    .strictObject({
      existing: z
        .strictObject({
          subnetId: z.string().meta({
            description:
              "Resource id of the nodes' subnet. `pulumi up` must be allowed to assign roles on its network.",
          }),
        })
        .optional()
        .meta({ description: "A network that exists already, in place of vnet and nodes." }),
      vnet: range.default(VNET).meta({ description: "Address range of the virtual network." }),
      nodes: range.default(NODES).meta({ description: "Subnet of the nodes, within vnet." }),
      pods: range
        .default("10.244.0.0/16")
        .meta({ description: "Overlay range of the pods; each node gets a /24." }),
      services: range
        .default("10.0.0.0/16")
        .meta({ description: "Range of Services; cannot be changed after the cluster is created." }),
      dnsServiceIP: z
        .ipv4()
        .default("10.0.0.10")
        .meta({ description: "Address of the cluster's DNS service, within services." }),
    })
    .prefault({}),
  hostPolicies: z.boolean().default(false).meta({
    description:
      "Advanced Container Networking Services with filters by host, for `networkPolicy.hosts`; billed for each node.",
  }),
  api,
  admins: z
    .array(
      z.strictObject({
        objectId: z.string().meta({ description: "Object id in Entra ID." }),
        type: z
          .enum(["User", "Group", "ServicePrincipal"])
          .default("User")
          .meta({ description: "What kind of principal that id is; a CI job is a ServicePrincipal." }),
      }),
    )
    .default([])
    .meta({
      description: "Administrators of the cluster. Must include the principal that runs `pulumi up`.",
    }),
  login: z.enum(LOGINS).default("azurecli").meta({ description: "How kubelogin gets a token." }),
  webAppRouting: z.boolean().default(false).meta({
    description:
      "Install AKS's managed nginx, which Microsoft supports until November 2026, and use its class for Ingress objects.",
  }),
  autoscaler: z
    .strictObject({
      expander: z
        .enum(["least-waste", "most-pods", "priority", "random"])
        .optional()
        .meta({ description: "How it chooses the pool that grows. AKS's default: random." }),
      scaleDownUnneededMinutes: z.int().min(1).max(1440).optional().meta({
        description: "Minutes after which a node that is not needed is removed. AKS's default: 10.",
      }),
      skipNodesWithLocalStorage: z.boolean().optional().meta({
        description:
          "Keeps every node on which a pod has an emptyDir. Tasks keep theirs anyway. AKS's default: false.",
      }),
    })
    .prefault({})
    .meta({ description: "AKS's cluster autoscaler. Edits apply in place." }),
  storage: z
    .strictObject({
      shares: z.enum(["Premium_LRS", "Premium_ZRS", "PremiumV2_LRS"]).default("Premium_LRS").meta({
        description:
          "Kind of the NFS shares: from 100 GiB, or from 32 GiB where a region offers PremiumV2; Premium_ZRS is in three zones. Volumes that exist keep theirs.",
      }),
      kmsKey: z.string().optional().meta({
        description:
          "Resource id of a DiskEncryptionSet, in the cluster's region, whose key encrypts new disks, by a class of their own. The cluster gets the role Reader on it. Shared volumes cannot have a key.",
      }),
      encryptInTransit: z.boolean().default(false).meta({
        description:
          "Mounts new shared volumes by TLS, by a class of their own. Nodes with Arm processors cannot.",
      }),
    })
    .prefault({}),
  logs: z
    .strictObject({
      categories: z
        .array(z.enum(LOGS))
        .default([
          "kube-audit-admin",
          "guard",
          "kube-controller-manager",
          "kube-scheduler",
          "cluster-autoscaler",
        ])
        .meta({ description: "Control plane logs to keep." }),
      secretReads: z.boolean().default(false).meta({
        description:
          "Keep reads in the audit log too, those of Secrets among them: `kube-audit` in place of `kube-audit-admin`, at many times the volume.",
      }),
      workloads: z.boolean().optional().meta({
        description:
          "Keep the output of all pods too, but those of AKS itself. Azure bills each GB, and agents write a lot. Off by default; false turns it off again.",
      }),
      retentionDays: z
        .int()
        .min(30)
        .max(730)
        .default(30)
        .meta({ description: "Retention in days; Azure bills those beyond 31." }),
      dailyQuotaGb: z.number().min(0.1).optional().meta({
        description: "GB of logs a day beyond which the workspace drops them. Default: no limit.",
      }),
    })
    .prefault({})
    .meta({ description: "Log Analytics workspace for logs, which exists if any are kept." }),
  kmsKey: z
    .string()
    .optional()
    .meta({ description: "Id of a Key Vault key, with its version, that encrypts Secrets in etcd." }),
  kmsVault: z
    .string()
    .optional()
    .meta({ description: "Resource id of that key's vault. The cluster is granted the use of its keys." }),
  deletionProtection: deletionProtection.meta({
    description:
      "Lock the cluster and its child resources against deletion. Turn it off and run `pulumi up` before a destroy, and " +
      "before an edit that deletes or replaces a pool, a maintenance window or the logs. Off if `ephemeral` is on.",
  }),
  tags,
});
export type Config = z.output<typeof schema>;
