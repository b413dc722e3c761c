import type { CloudOperations } from "../../operations";

export const transient: CloudOperations["transient"] = [
  {
    pattern: /AnotherOperationInProgress|OperationNotAllowed|InUseSubnetCannotBeDeleted|RetryableError/,
    because: "Azure is busy with another operation, or its controllers are behind",
    source: "Azure Resource Manager error codes; AKS#847",
  },
  {
    pattern: /TooManyRequests/i,
    because: "Azure limits the rate of requests",
    source: "Azure Resource Manager, throttling",
  },
];
