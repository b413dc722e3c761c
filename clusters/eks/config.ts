import { z } from "zod";
import { LOG_TYPES } from "./log-types";
import { api, deletionProtection, nodePools, nodes, tags } from "../schema";

const text = z.string();

/** The add-ons of a cluster. */
export const ADDONS = [
  "vpc-cni",
  "kube-proxy",
  "eks-pod-identity-agent",
  "coredns",
  "metrics-server",
  "aws-ebs-csi-driver",
  "aws-efs-csi-driver",
  "amazon-cloudwatch-observability",
  "snapshot-controller",
] as const;
export type AddonName = (typeof ADDONS)[number];

/** The default range of the cluster's own VPC. */
export const VPC_CIDR = "10.42.0.0/16";

/**
 * Keys and types of a cluster on Amazon EKS. The rules for their values are in check.ts, so that all problems are
 * reported at once. The defaults are those of the guide's `eksctl create cluster`.
 */
export const schema = z.strictObject({
  name: text
    .default("ralph-cluster")
    .meta({ description: "Cluster name; must be unique per account and region." }),
  version: z.union([z.string(), z.number()], { error: "must be text" }).transform(String).optional().meta({
    description: 'Kubernetes version, such as "1.35". By default, EKS\'s default for new clusters.',
  }),
  patchedOn: text
    // What the engine makes of a date without quotes.
    .transform((date) => date.replace(/ 00:00:00 \+0000 UTC$/, ""))
    .optional()
    .meta({
      description:
        "A date, such as 2026-12-01. Each new date updates add-ons and nodes to the newest releases for the cluster's version.",
    }),
  addons: z.partialRecord(z.enum(ADDONS), text).default({}).meta({
    description:
      "Versions of add-ons, by name. By default, the newest one on the day of `patchedOn` or of an upgrade.",
  }),
  zones: z
    .array(text)
    .optional()
    .meta({ description: "Availability zones, two or more. By default, zones a and b of the region." }),
  nodes: nodes(text.default("t3.medium").meta({ description: "Instance type, x86 or Arm." }))
    .unwrap()
    .extend({
      name: text.default("workers").meta({ description: "Name of the node group." }),
      perZone: z.boolean().optional().meta({
        description:
          "Gives each pool one node group per zone, so that the autoscaler can add a node where a disk is. By default on, but off for a cluster whose group spans the zones already.",
      }),
      autoscaler: z.boolean().default(true).meta({
        description: "Run cluster-autoscaler between min and max. Turn it off to run another autoscaler.",
      }),
      release: text.optional().meta({
        description:
          "Release of the image of all nodes, such as 1.35.2-20261120. By default, the newest one on the day of `patchedOn` or of an upgrade.",
      }),
      spotTypes: z.array(text).default([]).meta({
        description: "Alternative instance types of the same size, which make spot capacity easier to find.",
      }),
    })
    .prefault({})
    .meta({ description: "The nodes that run Ralph's pods." }),
  system: z
    .strictObject({
      machineType: text.default("t3.medium").meta({ description: "Instance type." }),
      min: z.int().min(1).default(2).meta({ description: "Minimum number of nodes." }),
      max: z.int().min(1).default(3).meta({ description: "Maximum number of nodes." }),
    })
    .prefault({})
    .meta({ description: "Ordinary nodes for system pods, which exist only if `nodes.spot` is on." }),
  nodePools: nodePools(text.meta({ description: "Instance type of the pool." })),
  network: z
    .strictObject({
      existing: z
        .strictObject({
          vpcId: text.meta({ description: "Id of the VPC. It needs DNS hostnames and DNS support." }),
          subnetIds: z.array(text).meta({
            description:
              "Ids of private subnets for control plane, nodes and pods: two or more, each in another zone, with a route to the internet or to the endpoints of AWS.",
          }),
          loadBalancerCidrs: z.array(text).default([]).meta({
            description:
              "Ranges of the subnets for load balancers, from which an Ingress's requests come. Others are not let in.",
          }),
        })
        .optional()
        .meta({ description: "A VPC that exists already, in place of `cidr`, `natPerZone` and `zones`." }),
      cidr: text
        .default(VPC_CIDR)
        .meta({ description: "Address range of the VPC, /16 to /20. The nodes of each zone get an eighth." }),
      serviceCidr: text
        .default("172.20.0.0/16")
        .meta({ description: "Address range of Services, /12 to /24; cannot be changed after creation." }),
      natPerZone: z.boolean().default(false).meta({
        description: "Create a NAT gateway in each zone, so that no zone depends on another.",
      }),
    })
    .prefault({})
    .meta({ description: "The cluster's VPC: its own, or an existing one." }),
  api,
  admins: z.array(text).default([]).meta({
    description:
      "ARNs of IAM roles and users that administer the cluster, in addition to its creator, who may be listed too.",
  }),
  auth: z
    .strictObject({
      roleArn: text.optional().meta({ description: "IAM role that `aws eks get-token` assumes." }),
      profile: z
        .string()
        .min(1)
        .optional()
        .meta({ description: "Profile in the AWS configuration. By default, `aws:profile`." }),
    })
    .prefault({})
    .meta({ description: "The AWS identity behind the kubeconfig. By default, that of the current user." }),
  iam: z
    .strictObject({
      path: text.default("/").meta({
        description: "Path of every IAM role, such as /ralph/. A new path replaces the cluster.",
      }),
      permissionsBoundary: text.optional().meta({
        description: "ARN of a policy that limits every IAM role.",
      }),
    })
    .prefault({})
    .meta({ description: "The IAM roles that the stack creates." }),
  kmsKey: text.optional().meta({
    description:
      "ARN of a KMS key that encrypts Secrets. It can be added later, but not changed, and its removal replaces the " +
      "cluster. By default, a key owned by AWS.",
  }),
  storage: z
    .strictObject({
      kmsKey: text.optional().meta({
        description:
          "ARN of a KMS key that encrypts new disks, by a class of their own, and the shared file system if it is created with it.",
      }),
    })
    .prefault({}),
  logs: z
    .strictObject({
      retentionDays: z.int().min(1).default(30).meta({
        description: "Retention in days. CloudWatch supports only some values, such as 7, 30, 90 and 365.",
      }),
      types: z
        .array(z.enum(LOG_TYPES))
        .default([...LOG_TYPES])
        .meta({
          description:
            "Which logs of the control plane are kept; CloudWatch charges for each GB. `[]` turns them off.",
        }),
      secretReads: z.boolean().default(false).meta({
        description:
          "Require that reads of Secrets are logged. The log `audit`, which is on by default, has them; without it this is refused.",
      }),
      workloads: z.boolean().default(false).meta({
        description:
          "Keep the output of all pods too. CloudWatch charges for each GB, and agents write a lot.",
      }),
    })
    .prefault({})
    .meta({ description: "Logs in CloudWatch." }),
  tags,
  deletionProtection,
});
export type Config = z.output<typeof schema>;
