import type { CloudOperations } from "../../operations";

export const failures: CloudOperations["failures"] = [
  {
    // The second text is of the machines, whose code is that of a busy cluster: OperationNotAllowed.
    pattern: /ErrCode_InsufficientVCPUQuota|exceeding approved .*cores quota/i,
    because: "the subscription has too few vCPUs of this family, or in all, in the region",
    fix: "see them by `az vm list-usage --location <location> --output table`, and request more or set another `ralph:cluster.nodes.machineType`",
    attempts: 0,
    source: "https://learn.microsoft.com/azure/quotas/view-quotas; Azure/karpenter-provider-azure#192",
  },
  {
    pattern: /PublicIPCountLimitReached/,
    because: "the subscription has too few public addresses in the region",
    fix: "see them by `az network list-usages --location <location> --output table`, and request more or delete some",
    attempts: 0,
    source: "openshift/openshift-azure#2252",
  },
  {
    pattern: /Data sink .* is already used in diagnostic setting/,
    because: "another diagnostic setting already sends these logs to the same workspace",
    fix: "find it by `az monitor diagnostic-settings list --resource <id of the cluster>` and delete it",
    attempts: 0,
    source: "hashicorp/terraform-provider-azurerm#21161",
  },
  {
    // azidentity's AzureCLICredential passes on what az prints; kubelogin has no other login either.
    pattern: /AADSTS\d+|az login|executable kubelogin failed/,
    because: "the login at Azure is missing or has expired",
    fix: "run `az login`",
    source: "Azure/azure-cli#16209, #16641",
  },
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
