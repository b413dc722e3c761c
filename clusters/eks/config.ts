import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { api, deletionProtection, nodes, tags } from "../schema";

/** What CloudWatch takes: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
export const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 3653,
];

const text = z.string();

/**
 * Keys and types of a cluster on Amazon EKS; what the values must be is told by check.ts, so that all that is
 * wrong comes at once. The defaults are those of the guide's `eksctl create cluster`.
 */
export const schema = z.strictObject({
  name: text.default("ralph-cluster").meta({ description: "Of the cluster, one in an account and region." }),
  version: z
    .union([z.string(), z.number()], { error: "must be text" })
    .transform(String)
    .optional()
    .meta({ description: 'Kubernetes, such as "1.35". By default what EKS takes for a new cluster.' }),
  zones: z
    .array(text)
    .optional()
    .meta({ description: "Availability zones, two or more. By default a and b of the region." }),
  nodes: nodes(text.default("t3.medium").meta({ description: "Instance type; an ARM one is taken as such." }))
    .unwrap()
    .extend({
      name: text.default("workers").meta({ description: "Of the node group." }),
      autoscaler: z
        .boolean()
        .default(true)
        .meta({ description: "Runs cluster-autoscaler between min and max; off where another one counts." }),
      spotTypes: z
        .array(text)
        .default([])
        .meta({ description: "More types of the same size: spot capacity is found where there is choice." }),
    })
    .prefault({})
    .meta({ description: "The nodes of Ralph's pods." }),
  network: z
    .strictObject({
      cidr: text
        .default("10.42.0.0/16")
        .meta({ description: "The VPC, /16 to /20. An eighth of it goes to the nodes of each zone." }),
      serviceCidr: text
        .default("172.20.0.0/16")
        .meta({ description: "Addresses of Services, /12 to /24; fixed when the cluster is made." }),
      natPerZone: z
        .boolean()
        .default(false)
        .meta({ description: "A NAT gateway in each zone: no zone's way out depends on another's." }),
    })
    .prefault({})
    .meta({ description: "The cluster's own VPC." }),
  api,
  admins: z.array(text).default([]).meta({
    description: "ARNs of IAM roles and users that administer the cluster, besides whoever makes it.",
  }),
  auth: z
    .strictObject({
      roleArn: text.optional().meta({ description: "IAM role that `aws eks get-token` takes on." }),
      profile: z
        .string()
        .min(1)
        .optional()
        .meta({ description: "Of the AWS configuration. By default `aws:profile`." }),
    })
    .prefault({})
    .meta({ description: "Who the kubeconfig asks for a token as. By default whoever runs it." }),
  kmsKey: text
    .optional()
    .meta({ description: "ARN of a key that encrypts Secrets; irreversible. By default one of AWS's." }),
  logs: z
    .strictObject({
      retentionDays: z.int().min(1).default(30).meta({ description: "Days that CloudWatch knows." }),
    })
    .prefault({})
    .meta({ description: "The control plane's logs in CloudWatch." }),
  tags,
  deletionProtection,
});
export type Config = z.output<typeof schema>;

/** Of the AWS provider's own configuration. */
export const region = (): string | undefined => new pulumi.Config("aws").get("region");
export const profile = (): string | undefined => new pulumi.Config("aws").get("profile");

/** The zones of the cluster's subnets. */
export const zones = ({ zones: wanted }: Pick<Config, "zones">, of: string): readonly string[] =>
  wanted ?? ["a", "b"].map((letter) => of + letter);
