import type { CloudOperations } from "../../operations";

export const transient: CloudOperations["transient"] = [
  {
    // A network is deleted by an operation, of which the provider prints the message without the error's code.
    pattern: /resourceInUseByAnotherResource|RESOURCE_IN_USE_BY_ANOTHER_RESOURCE|is already being used by/,
    because: "Google Cloud still reports something in the network, such as a network endpoint group",
    source: "Compute Engine API errors; ingress-gce#1195; terraform-provider-google#5948",
  },
  {
    pattern:
      /running incompatible operation|operation in progress|Please wait and try again once it is done|failedPrecondition/i,
    because: "the cluster is busy with another operation",
    source: "GKE API, FAILED_PRECONDITION; terraform-provider-google#10366",
  },
  {
    pattern: /has not been used in project .* before or it is disabled|accessNotConfigured|SERVICE_DISABLED/,
    because: "an API that was enabled a moment ago is not ready yet",
    source: "terraform-provider-google, guide to google_project_service; #8214",
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
