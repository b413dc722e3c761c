import type { CloudOperations } from "../../operations";

export const failures: CloudOperations["failures"] = [
  {
    pattern: /VcpuLimitExceeded|VpcLimitExceeded|AddressLimitExceeded/,
    because: "a quota of the account is used up in the region",
    fix: "see it by `aws service-quotas list-service-quotas --service-code ec2` (or `vpc`), and request more",
    attempts: 0,
    source: "EC2 API, client error codes",
  },
  {
    pattern:
      /\bExpiredToken(Exception)?\b|InvalidGrantException|SSO (session|token).*(expired|failed)|retrieving token from sso|No valid credential sources|Unable to locate credentials|executable aws failed/,
    because: "the login at AWS is missing or has expired",
    fix: "run `aws sso login`, or set new credentials",
    source: "aws/aws-cli#7692; turbot/steampipe-plugin-github#469; pulumi/pulumi-aws#4076",
  },
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
