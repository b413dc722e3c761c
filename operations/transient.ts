/** A failure that the same command, a little later, does not have. */
interface Transient {
  readonly pattern: RegExp;
  /** What is going on, for people. */
  readonly because: string;
  /** Where the words are from. */
  readonly source: string;
}

/** What the providers themselves retry is not here: it has failed for good once it is seen. */
const TRANSIENT: readonly Transient[] = [
  {
    pattern: /DependencyViolation/,
    because: "AWS still sees something in the network, such as an interface of a load balancer that is gone",
    source: "EC2 API, client error codes; pulumi-eks#194, #1226",
  },
  {
    pattern: /resourceInUseByAnotherResource|RESOURCE_IN_USE_BY_ANOTHER_RESOURCE/,
    because: "Google Cloud still sees something in the network, such as a group of endpoints",
    source: "Compute Engine API errors; ingress-gce#1195",
  },
  {
    pattern: /ResourceInUseException.*(nodegroup|fargate)/is,
    because: "EKS still has node groups of the cluster in deletion",
    source: "EKS API, DeleteCluster; pulumi#9009",
  },
  {
    pattern: /running incompatible operation|operation in progress/i,
    because: "the cluster is busy with another operation",
    source: "GKE API, FAILED_PRECONDITION; terraform-provider-google#10366",
  },
  {
    pattern: /AnotherOperationInProgress|OperationNotAllowed|InUseSubnetCannotBeDeleted|RetryableError/,
    because: "Azure is busy with another operation, or its controllers are behind",
    source: "Azure Resource Manager error codes; AKS#847",
  },
  {
    pattern: /Throttling|RequestLimitExceeded|rateLimitExceeded|TooManyRequests|\b429\b/i,
    because: "the cloud asks for fewer requests",
    source: "EC2, Google APIs and Azure Resource Manager, throttling",
  },
  {
    pattern: /ServiceUnavailable|backendError|\b503\b|connection reset|TLS handshake timeout/i,
    because: "the cloud's API does not answer at the moment",
    source: "Google Cloud APIs, retry strategy; net/http",
  },
];

/** Why a command that said this is worth another attempt; undefined where it is not. */
export const transient = (output: string): string | undefined =>
  TRANSIENT.find(({ pattern }) => pattern.test(output))?.because;
