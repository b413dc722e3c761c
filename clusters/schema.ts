import { z } from "zod";
import { cidr } from "../config/formats";

/** The keys that every cloud has. */

const nodeCount = z.int().min(1);

/** The nodes: by default the guide's three, and a range for the autoscaler. */
export const nodes = <Machine extends z.ZodType>(machineType: Machine) =>
  z
    .strictObject({
      count: nodeCount
        .default(3)
        .meta({ description: "Initial number of nodes; the autoscaler manages it afterwards." }),
      min: nodeCount.default(3).meta({ description: "Minimum number of nodes." }),
      max: nodeCount.default(10).meta({
        description: "Maximum number of nodes. By default one for each pod of the guide's autoscaler.",
      }),
      machineType,
      diskGb: z.int().min(20).default(100).meta({ description: "Size of a node's boot disk, in GiB." }),
      spot: z
        .boolean()
        .default(false)
        .meta({ description: "Runs Ralph's pods on spot nodes, which the cloud may reclaim at any time." }),
    })
    .prefault({} as never)
    .meta({ description: "Nodes for Ralph's pods." });

/** Access to the API server. It is closed unless the user opens it. */
export const api = z
  .strictObject({
    cidrs: z.array(cidr).default([]).meta({ description: "Address ranges that may reach the API server." }),
    public: z.boolean().default(false).meta({
      description: "Lets every address reach the API server; callers must still authenticate with the cloud.",
    }),
    private: z.boolean().default(false).meta({
      description:
        "Gives the API server a private address only; `pulumi up` must run where the cluster's network is reachable.",
    }),
  })
  .prefault({})
  .meta({ description: "Access to the API server." });

const TAINT_EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"] as const;

/** Further pools of nodes, for other workloads or other machines. */
export const nodePools = <Machine extends z.ZodType>(machineType: Machine) =>
  z
    .array(
      z.strictObject({
        name: z.string().meta({ description: "Name of the pool; a new name creates a new pool." }),
        machineType,
        min: z.int().min(0).default(0).meta({ description: "Initial and minimum number of nodes." }),
        max: nodeCount.meta({ description: "Maximum number of nodes." }),
        diskGb: z.int().min(20).default(100).meta({ description: "Size of a node's boot disk, in GiB." }),
        spot: z.boolean().default(false).meta({ description: "Runs the pool on spot nodes." }),
        sandbox: z.boolean().default(false).meta({
          description:
            "Runs Ralph's pods in this pool, each in a sandbox: gVisor on GKE, a virtual machine on AKS. EKS has none.",
        }),
        labels: z.record(z.string(), z.string()).default({}).meta({ description: "Labels of its nodes." }),
        taints: z
          .array(
            z.strictObject({
              key: z.string().meta({ description: "Key of the taint." }),
              value: z.string().default("").meta({ description: "Value of the taint." }),
              effect: z
                .enum(TAINT_EFFECTS)
                .default("NoSchedule")
                .meta({ description: "What happens to pods that do not tolerate it." }),
            }),
          )
          .default([])
          .meta({ description: "Taints of its nodes, which keep other pods away." }),
      }),
    )
    .default([])
    .meta({
      description:
        "Further pools of nodes. Taints keep Ralph's pods, and others, away from them, but Ralph's not from a pool with `sandbox`.",
    });

/** A pool of nodes besides the main one, on any cloud. */
export type NodePoolConfig = z.output<ReturnType<typeof nodePools>>[number];

export const tags = z
  .record(z.string(), z.string())
  .default({})
  .meta({ description: "Additional tags, or labels, of every resource, such as an owner or a cost centre." });

export const deletionProtection = z.boolean().default(true).meta({
  description:
    "The cloud refuses to delete the cluster. To destroy it, first turn this off and run `pulumi up`. Off on an ephemeral stack.",
});
