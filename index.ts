import { addons } from "./addons";
import { createCluster } from "./clusters";
import { kubernetesProvider } from "./clusters/provider";
import { readConfig } from "./config";
import { Ralph } from "./workload";

/** Configuration, cluster, provider, workload: the whole program. */
export = () => {
  const { ralph, traits, lifetime, ...config } = readConfig();
  const cluster = createCluster("cluster", config);
  const provider = kubernetesProvider(cluster);
  const after = addons(cluster, provider, ralph);
  const workload = new Ralph("ralph", { config: ralph, traits, after }, { provider });

  return {
    clusterName: cluster.clusterName,
    kubeconfig: cluster.kubeconfig,
    namespace: workload.namespace,
    // An output without a value is a warning on every run.
    ...(cluster.registry === undefined ? {} : { registry: cluster.registry }),
    ...(lifetime === undefined ? {} : { lifetime }),
  };
};
