import type { CloudOperations } from "../../operations";

export const failures: CloudOperations["failures"] = [
  {
    pattern: /Insufficient (regional|project|global) quota|Quota '\w+' exceeded|GCE_QUOTA_EXCEEDED/i,
    because: "the project has too small a quota for these nodes",
    fix: "see it by `gcloud compute regions describe <region> --flatten=quotas`, and request more or set fewer or smaller nodes in `ralph:cluster.nodes`",
    attempts: 0,
    source: "GoogleCloudPlatform/cloud-ops-sandbox#44; jarokaz/mlops-labs#58; kubeflow/pipelines#10907",
  },
  {
    pattern: /Invalid machine type|machine type "[^"]*" does not exist/,
    because: "the zone does not have machines of this type",
    fix: "see its types by `gcloud compute machine-types list --zones=<zone>`, and set another `ralph:cluster.nodes.machineType`",
    attempts: 0,
    source: "keras-team/kinetic#305",
  },
  {
    // A session of limited length also ends the login of Google's SDKs.
    pattern:
      /invalid_grant|invalid_rapt|rapt_required|could not find default credentials|gcloud auth|executable gke-gcloud-auth-plugin failed/,
    because: "the login at Google Cloud is missing or has expired",
    fix: "run `gcloud auth application-default login` and `gcloud auth login`",
    source: "pulumi/pulumi-gcp#479, #989",
  },
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
