import type { CloudOperations } from "../../operations";
import { podCredentials } from "./pod-credentials";
import { importIds } from "./imports";
import { byId, cluster, leaks, located } from "./leaks";
import { login } from "./login";
import { sweeps } from "./sweeps";
import { failures } from "./failures";

export const operations = {
  ownsCluster: true,
  provider: "azure-native",
  where: ["resourceGroup"],
  clusterType: "azure-native:containerservice:ManagedCluster",
  stackTag: (stack) => stack,
  program: {
    install: "https://learn.microsoft.com/cli/azure/install-azure-cli",
    logIn: "az login",
    lag: [5_000, 15_000],
  },
  login,
  cluster,
  leaks,
  byId,
  removalOrder: [],
  located,
  blockers: [],
  quiet: () => [],
  // GetTopLevelLabels in pkg/manifests/common.go of Azure/aks-app-routing-operator
  addonLabels: {
    "app.kubernetes.io/managed-by": "aks-app-routing-operator",
    "kubernetes.azure.com/managedby": "aks",
  },
  sweeps,
  importIds,
  podCredentials,
  failures,
  preview: {
    plugins: ["azure-native"],
    ownerValues: {
      "azure-native:location": "eastus",
      "ralph:cluster.admins": [{ objectId: "00000000-0000-4000-8000-000000000001" }],
    },
  },
} satisfies CloudOperations<"resourceGroup">;
