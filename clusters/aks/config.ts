import { z } from "zod";
import { api, deletionProtection, nodes, tags } from "../schema";

/** Formats whose rule needs more words than a schema has are in check.ts, so that all come at once. */

/** YAML and `pulumi config set --path` make a number of `1`. */
const text = z.union([z.string(), z.number()], { error: "must be text" }).transform(String);
const range = z.cidrv4({ error: "must be an IPv4 range such as 10.0.0.0/16" });
const machineType = z.string().default("Standard_DS2_v2").meta({ description: "Size of the machines." });

export const CHANNELS = ["patch", "stable", "rapid", "node-image", "none"] as const;
/** How kubelogin gets a token. `spn` and `workloadidentity` read it from AZURE_* variables. */
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

/** The defaults of names, sizes and counts are those of the guide, the networks' those of AKS itself. */
export const schema = z.strictObject({
  name: z.string().default("ralph-cluster").meta({ description: "Of the cluster, one in a resource group." }),
  resourceGroup: z
    .string()
    .default("ralph-rg")
    .meta({ description: "Made for the cluster, and deleted with it." }),
  dnsPrefix: z
    .string()
    .optional()
    .meta({ description: "Of the API server's name. By default the cluster's." }),
  tier: z
    .enum(["Free", "Standard", "Premium"])
    .default("Free")
    .meta({ description: "Standard has an uptime SLA and is billed by the hour." }),
  version: text
    .optional()
    .meta({ description: "Kubernetes, such as 1.35. By default the one that AKS prefers." }),
  channel: z
    .enum(CHANNELS)
    .default("patch")
    .meta({ description: "What AKS upgrades by itself. `patch` stays on the minor version." }),
  maintenance: z
    .strictObject({
      day: z.enum(DAYS).default("Sunday").meta({ description: "Day on which it begins." }),
      start: z
        .string()
        .default("08:00")
        .meta({ description: "Hours and minutes; after the guide's nightly task." }),
      utcOffset: z
        .string()
        .default("+00:00")
        .meta({ description: "Of `start` from UTC, in hours and minutes." }),
      hours: z.int().min(4).max(24).default(4).meta({ description: "Length in hours; AKS takes no less." }),
    })
    .prefault({})
    .meta({ description: "When AKS may upgrade the cluster and its nodes, each week." }),
  nodes: nodes(machineType),
  system: z
    .strictObject({
      min: z.int().min(1).default(2).meta({ description: "Nodes at first, and at least." }),
      max: z.int().min(1).default(3).meta({ description: "Nodes at most." }),
      machineType,
    })
    .prefault({})
    .meta({ description: "With nodes.spot: the pool of everything that must not be taken away." }),
  pools: z
    .strictObject({
      system: z
        .string()
        .default("nodepool1")
        .meta({ description: "Of the pool that a cluster always has; the name is the one that `az` gives." }),
      spot: z.string().default("spot").meta({ description: "Of the pool of spot nodes." }),
    })
    .prefault({})
    .meta({ description: "Names of the node pools." }),
  zones: z
    .array(text)
    .default([])
    .meta({ description: "Availability zones of the nodes, such as 1, 2, 3. By default none is asked for." }),
  network: z
    .strictObject({
      vnet: range.default("10.224.0.0/16").meta({ description: "The virtual network." }),
      nodes: range.default("10.224.0.0/22").meta({ description: "Subnet, within vnet." }),
      pods: range.default("10.244.0.0/16").meta({ description: "An overlay; each node takes a /24." }),
      services: range
        .default("10.0.0.0/16")
        .meta({ description: "Addresses of Services; fixed when the cluster is made." }),
      dnsServiceIP: z.ipv4().default("10.0.0.10").meta({ description: "Within services." }),
    })
    .prefault({}),
  api,
  admins: z
    .array(
      z.strictObject({
        objectId: z.string().meta({ description: "Object id in Entra ID." }),
        type: z
          .enum(["User", "Group", "ServicePrincipal"])
          .default("User")
          .meta({ description: "Of what that id is: a job in CI is a ServicePrincipal." }),
      }),
    )
    .default([])
    .meta({ description: "Who administers the cluster. Whoever runs `pulumi up` must be one of them." }),
  login: z.enum(LOGINS).default("azurecli").meta({ description: "How kubelogin gets a token." }),
  webAppRouting: z
    .boolean()
    .default(false)
    .meta({ description: "Install AKS's managed nginx; ingress objects then name its class." }),
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
        .meta({ description: "Logs of the control plane; none makes no workspace." }),
      retentionDays: z
        .int()
        .min(30)
        .max(730)
        .default(30)
        .meta({ description: "Days; Azure bills those beyond 31." }),
    })
    .prefault({})
    .meta({ description: "The Log Analytics workspace of the control plane." }),
  kmsKey: z
    .string()
    .optional()
    .meta({ description: "Key Vault key, with its version, that encrypts Secrets in etcd." }),
  kmsVault: z
    .string()
    .optional()
    .meta({ description: "Resource id of that key's vault: the cluster is granted the use of its keys." }),
  deletionProtection: deletionProtection.meta({
    description:
      "A lock on the cluster and all below it. Switch it off and `pulumi up` before a destroy, and before an edit that " +
      "takes away or replaces a pool, a window or the logs. Off where `ephemeral` is on.",
  }),
  tags,
});
export type Config = z.output<typeof schema>;
