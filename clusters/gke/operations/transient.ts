import type { CloudOperations } from "../../operations";

export const transient: CloudOperations["transient"] = [
  {
    pattern: /resourceInUseByAnotherResource|RESOURCE_IN_USE_BY_ANOTHER_RESOURCE/,
    because: "Google Cloud still reports something in the network, such as a network endpoint group",
    source: "Compute Engine API errors; ingress-gce#1195",
  },
  {
    pattern: /running incompatible operation|operation in progress/i,
    because: "the cluster is busy with another operation",
    source: "GKE API, FAILED_PRECONDITION; terraform-provider-google#10366",
  },
  {
    pattern: /rateLimitExceeded/i,
    because: "Google Cloud limits the rate of requests",
    source: "Google Cloud APIs, error reasons",
  },
  {
    pattern: /backendError/i,
    because: "Google Cloud's API is unavailable at the moment",
    source: "Google Cloud APIs, error reasons",
  },
];
