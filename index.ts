import { createCluster } from "./clusters";
import { kubernetesProvider } from "./clusters/provider";
import { readConfig } from "./config";
import { Ralph } from "./workload";

/** Configuration, cluster, provider, workload: the whole program. */
export = () => {
  const { ralph, traits, ...config } = readConfig();
  const cluster = createCluster("cluster", config);
  const provider = kubernetesProvider(cluster);
  const workload = new Ralph("ralph", { config: ralph, traits }, { provider });

  return {
    clusterName: cluster.clusterName,
    kubeconfig: cluster.kubeconfig,
    namespace: workload.namespace,
  };
};
