import { Provider } from "@pulumi/kubernetes/provider";
import type { Cluster } from "./types";

/**
 * The provider that creates every Kubernetes object. What it depends on is deleted after all of them: to delete a
 * volume, its driver needs a node and permissions.
 */
export function kubernetesProvider(cluster: Cluster): Provider {
  return new Provider(
    "kubernetes",
    {
      kubeconfig: cluster.kubeconfig,
      // Otherwise a kubeconfig that is unknown during a preview would plan the replacement of every object.
      clusterIdentifier: cluster.identity,
      enableServerSideApply: true,
      // Their names are fixed, so while one is replaced there would be no ConfigMap or Secret.
      enableConfigMapMutable: true,
      enableSecretMutable: true,
      // The default limits (50 per second, bursts of 120) slow down a preview of a hundred tasks; the API server
      // protects itself (API Priority and Fairness).
      kubeClientSettings: { qps: 500, burst: 1000 },
    },
    // Not on the cluster itself: that would include its children, some of which need this provider.
    { parent: cluster, dependsOn: [...cluster.foundation] },
  );
}
