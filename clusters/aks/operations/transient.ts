import type { CloudOperations } from "../../operations";

export const transient: CloudOperations["transient"] = [
  {
    pattern: /AnotherOperationInProgress|OperationNotAllowed|InUseSubnetCannotBeDeleted|RetryableError/,
    because: "Azure is busy with another operation, or its controllers are behind",
    source: "Azure Resource Manager error codes; AKS#847",
  },
  {
    // While AKS creates a cluster, after it has checked the identities: then the program itself does not repeat it.
    pattern: /\b\w+MissingPermissionError\b|LinkedAuthorizationFailed/,
    because: "Azure has not applied a new role yet",
    source: "Azure RBAC, troubleshooting: up to 10 minutes; Azure/AKS#2673",
    // It is also the answer to a user without that role.
    attempts: 3,
  },
  {
    pattern: /TooManyRequests/i,
    because: "Azure limits the rate of requests",
    source: "Azure Resource Manager, throttling",
  },
];
