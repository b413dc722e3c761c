import { join } from "node:path";

import "./quiet-sdk";
import { addons } from "../addons";
import { createCluster } from "../clusters";
import { kubernetesProvider } from "../clusters/provider";
import { readConfig } from "../config";
import { podImage } from "../image";
import { Ralph } from "../workload";

/**
 * Configuration, cluster, provider, workload: the whole program.
 *
 * It has a folder to itself because the language host asks for the plugin of every SDK that it finds below the
 * program: here it finds none, and the engine gets the plugins of the chosen cloud when it meets their resources.
 */
export = () => {
  // The engine starts the program in its folder; paths in the configuration are relative to the project's.
  process.chdir(join(__dirname, ".."));
  const { ralph, traits, lifetime, ...config } = readConfig();
  const cluster = createCluster("cluster", config);
  const provider = kubernetesProvider(cluster);
  const after = addons(cluster, provider, ralph);
  const image = podImage(ralph.image, cluster);
  const workload = new Ralph("ralph", { config: ralph, traits, image, after }, { provider });

  return {
    clusterName: cluster.clusterName,
    kubeconfig: cluster.kubeconfig,
    namespace: workload.namespace,
    // An output without a value is a warning on every run.
    ...(cluster.registry === undefined ? {} : { registry: cluster.registry }),
    ...(lifetime === undefined ? {} : { lifetime }),
  };
};
