import { z } from "zod";
import { cidr } from "../config/formats";

/** The keys that every cloud has. */

const nodeCount = z.int().min(1);

/** The guide's three nodes, and the autoscaler's range around them. */
export const nodes = <Machine extends z.ZodType>(machineType: Machine) =>
  z
    .strictObject({
      count: nodeCount
        .default(3)
        .meta({ description: "Nodes at first, the guide's three; the autoscaler counts from then on." }),
      min: nodeCount.default(3).meta({ description: "Nodes that stay when nothing is to be done." }),
      max: nodeCount.default(10).meta({
        description: "Nodes at most. By default one for each pod that the guide's autoscaler may make.",
      }),
      machineType,
      diskGb: z.int().min(20).default(100).meta({ description: "Boot disk of a node, in GiB." }),
      spot: z
        .boolean()
        .default(false)
        .meta({ description: "Pods of Ralph run on nodes that the cloud may take away." }),
    })
    .prefault({} as never)
    .meta({ description: "The nodes of Ralph's pods." });

/** Who may reach the API server. Nothing is open unless somebody says so. */
export const api = z
  .strictObject({
    cidrs: z.array(cidr).default([]).meta({ description: "Ranges that may reach the API server." }),
    public: z
      .boolean()
      .default(false)
      .meta({ description: "Every address may reach it; who calls must still authenticate with the cloud." }),
  })
  .prefault({})
  .meta({ description: "Access to the API server." });

export const tags = z
  .record(z.string(), z.string())
  .default({})
  .meta({ description: "Tags, or labels, of every resource, beside project and stack: owner, cost centre." });

export const deletionProtection = z.boolean().default(true).meta({
  description:
    "The cloud refuses to delete the cluster. Switch it off, `pulumi up`, then destroy. Off where `ephemeral` is on.",
});
