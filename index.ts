import "./boot/quiet-sdk";
import type { Output } from "@pulumi/pulumi";
import { createCluster, prepareCluster } from "./clusters";
import { addons } from "./clusters/addons";
import { secretsOperator } from "./clusters/addons/external-secrets";
import { kubernetesProvider } from "./clusters/provider";
import { readConfig } from "./stack";
import { Ralph } from "./workload";
import { backupPlan } from "./workload/backups";
import { podImage } from "./workload/image";
import { modelAccess } from "./workload/models";
import { MONITORING_NAMESPACE, SECRETS_OPERATOR } from "./workload/names";
import { secretAccess } from "./workload/secrets";

/** The whole program: configuration, cluster, provider, add-ons, image, Ralph. The engine starts it through `boot/`. */
export = async () => {
  // The engine starts the program in `boot/`, but paths in the configuration are relative to the project.
  process.chdir(__dirname);
  const { ralph, traits, lifetime, ...config } = readConfig();
  await prepareCluster(config);
  const cluster = createCluster("cluster", config);
  const provider = kubernetesProvider(cluster);
  const plan = backupPlan(ralph);
  const after = addons(cluster, provider, {
    monitoring: { ...ralph.monitoring, namespace: MONITORING_NAMESPACE },
    registry: ralph.image.registry,
    storageClass: traits.storageClass.rwo,
    backups: plan === undefined ? undefined : cluster.prepareBackups?.(plan),
  });
  const image = podImage(ralph.image, cluster, traits);
  const access = modelAccess(ralph, traits);
  const granted = access === undefined ? undefined : cluster.grantModels?.(access);
  const secrets = ralph.secretStore.cloud ? cluster.grantSecrets?.(secretAccess(ralph)) : undefined;
  const operators = (namespace: Output<string>) =>
    secretsOperator(
      { ...ralph.secretStore, operator: SECRETS_OPERATOR, registry: ralph.image.registry },
      { cluster, provider, namespace, grants: secrets?.grants ?? [] },
    );
  const workload = new Ralph(
    "ralph",
    { config: ralph, traits, image, granted, secrets, operators, after, read: cluster.read },
    { provider },
  );

  return {
    clusterName: cluster.clusterName,
    kubeconfig: cluster.kubeconfig,
    namespace: workload.namespace,
    // An output without a value would cause a warning on every run.
    ...(cluster.registry === undefined ? {} : { registry: cluster.registry.image }),
    ...(lifetime === undefined ? {} : { lifetime }),
  };
};
