import * as pulumi from "@pulumi/pulumi";
import type { Cluster, ClusterTraits, Granted } from "../clusters/types";
import { type RalphConfig, warnings } from "./keys";
import { announce } from "./not-yet";
import { argocdApplication } from "./resources/argocd";
import { backups } from "./resources/backup";
import { claims } from "./resources/claims";
import { configMap } from "./resources/configmap";
import { cronJobs } from "./resources/cronjob";
import { grafanaDashboard } from "./resources/dashboard";
import { deployment } from "./resources/deployment";
import { externalSecrets } from "./resources/externalsecret";
import { gitSecret } from "./resources/gitsecret";
import { httpRoute } from "./resources/httproute";
import { hpa } from "./resources/hpa";
import { imagePolicy, onceAllowed } from "./resources/imagepolicy";
import { ingress } from "./resources/ingress";
import { jobs } from "./resources/job";
import { login } from "./resources/login";
import { namespace } from "./resources/namespace";
import { networkPolicy } from "./resources/networkpolicy";
import { podDisruptionBudget } from "./resources/poddisruptionbudget";
import { prometheusConfig } from "./resources/prometheus";
import { prometheusRule } from "./resources/prometheusrule";
import { prompts } from "./resources/prompts";
import { pullSecretObjects } from "./resources/pullsecrets";
import { limits } from "./resources/quota";
import { rbac } from "./resources/rbac";
import { scaledObject } from "./resources/scaledobject";
import { secret } from "./resources/secret";
import { service } from "./resources/service";
import { serviceMonitor } from "./resources/servicemonitor";
import { smoke } from "./resources/smoke";
import { statusService } from "./resources/statusservice";
import { trustedCA } from "./resources/trustedca";
import { createScope } from "./scope";

export interface RalphArgs {
  readonly config: RalphConfig;
  readonly traits: ClusterTraits;
  /** Image reference of the pods. */
  readonly image: pulumi.Input<string>;
  /** What allows the pods to use models of the cloud. */
  readonly granted?: Granted;
  /** Resources that must exist before any object, such as a storage class, and are deleted after them. */
  readonly after?: readonly pulumi.Resource[];
  /** Reads an object of a cluster that others use as well. */
  readonly read?: Cluster["read"];
}

/** Ralph Orchestrator in a cluster. Pass the cluster's provider in the options. */
export class Ralph extends pulumi.ComponentResource {
  readonly namespace: pulumi.Output<string>;

  constructor(
    name: string,
    { config, traits, image, granted, after = [], read }: RalphArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("ralph:workload:Ralph", name, {}, opts);
    for (const warning of warnings(config, traits)) void pulumi.log.warn(warning, this);

    const home = namespace(name, config.namespace, {
      parent: this,
      dependsOn: [...after, ...(granted?.grants ?? [])],
    });
    this.namespace = home.metadata.name;
    void announce(this, home, config);
    const given = createScope(name, this, {
      config,
      traits,
      image,
      namespace: this.namespace,
      granted: granted?.annotations ?? {},
      read,
    });
    const images = imagePolicy(given);
    const scope = { ...given, image: onceAllowed(given, images) };

    // Create everything a pod references, and its network policy, before the pod.
    const before = [
      configMap(scope),
      secret(scope),
      gitSecret(scope),
      prompts(scope),
      trustedCA(scope),
      ...pullSecretObjects(scope),
      ...externalSecrets(scope),
      ...claims(scope),
      ...limits(scope),
      ...rbac(scope),
      networkPolicy(scope),
      images,
    ].filter((resource) => resource !== undefined);

    const worker = deployment(scope, before);
    podDisruptionBudget(scope);
    hpa(scope, worker);
    scaledObject(scope, worker);
    jobs(scope, before);
    cronJobs(scope, before);
    smoke(scope, before);
    backups(scope, before);

    service(scope, [worker]);
    serviceMonitor(scope);
    prometheusRule(scope);
    grafanaDashboard(scope);
    prometheusConfig(scope);
    const page = [statusService(scope, [worker])].filter((each) => each !== undefined);
    const status = [...page, ...login(scope, page)];
    ingress(scope, status);
    httpRoute(scope, status);
    argocdApplication(scope);

    this.registerOutputs({ namespace: this.namespace });
  }
}
