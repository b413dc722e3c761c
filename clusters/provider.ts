import { Provider } from "@pulumi/kubernetes/provider";
import type { Cluster } from "./types";

/**
 * The one provider through which every Kubernetes object is made. What it depends on is deleted after all
 * of them: volumes are deleted by a driver, on a node, with a permission.
 */
export function kubernetesProvider(cluster: Cluster): Provider {
  return new Provider(
    "kubernetes",
    {
      kubeconfig: cluster.kubeconfig,
      // Without it a kubeconfig that is unknown during a preview plans the replacement of every object.
      clusterIdentifier: cluster.identity,
      enableServerSideApply: true,
      // Their names are fixed, so a replacement would leave a moment with no ConfigMap or Secret.
      enableConfigMapMutable: true,
      enableSecretMutable: true,
      // Its own limits (50 a second, bursts of 120) make a preview of a hundred tasks wait for itself; the API
      // server shares its time fairly between clients anyway (API Priority and Fairness).
      kubeClientSettings: { qps: 500, burst: 1000 },
    },
    // Not on the cluster as a whole: that would mean its children too, among them what needs this provider.
    { parent: cluster, dependsOn: [...cluster.foundation] },
  );
}
