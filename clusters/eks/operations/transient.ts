import type { CloudOperations } from "../../operations";

export const transient: CloudOperations["transient"] = [
  {
    pattern: /DependencyViolation/,
    because:
      "AWS still reports dependencies in the VPC, such as a network interface of a deleted load balancer",
    source: "EC2 API, client error codes; pulumi-eks#194, #1226",
    // The provider has already retried for as long as the deletion may take.
    attempts: 1,
  },
  {
    pattern: /ResourceInUseException.*(nodegroup|fargate)/is,
    because: "EKS is still deleting node groups of the cluster",
    source: "EKS API, DeleteCluster; pulumi#9009",
  },
  {
    pattern: /Throttling|RequestLimitExceeded/i,
    because: "AWS limits the rate of requests",
    source: "EC2 API, client error codes",
  },
];
