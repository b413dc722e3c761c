import type { Namespace } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster, ClusterTraits, Granted, SecretSource } from "../clusters/types";
import { type RalphConfig, warnings } from "./keys";
import { announce } from "./not-yet";
import { argocdApplication } from "./resources/argocd";
import { backups } from "./resources/backup";
import { claims } from "./resources/claims";
import { configMap } from "./resources/configmap";
import { cronJobs } from "./resources/cronjob";
import { fluxObjects } from "./resources/flux";
import { grafanaDashboard } from "./resources/dashboard";
import { deployment } from "./resources/deployment";
import { externalSecrets } from "./resources/externalsecret";
import { gitSecret } from "./resources/gitsecret";
import { hostPolicy } from "./resources/hostpolicy";
import { httpRoute } from "./resources/httproute";
import { hpa } from "./resources/hpa";
import { imagePolicy, onceAllowed } from "./resources/imagepolicy";
import { ingress } from "./resources/ingress";
import { jobs } from "./resources/job";
import { login, loginSecret } from "./resources/login";
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
import { sealedSecrets } from "./resources/sealedsecret";
import { secret } from "./resources/secret";
import { secretStore } from "./resources/secretstore";
import { service } from "./resources/service";
import { serviceMonitor } from "./resources/servicemonitor";
import { smoke } from "./resources/smoke";
import { statusService } from "./resources/statusservice";
import { telemetrySecret } from "./resources/telemetrysecret";
import { trustedCA } from "./resources/trustedca";
import { isToolsOwn, keptForTool, refuseUnprepared } from "./gitops";
import { createScope, type Scope } from "./scope";

export interface RalphArgs {
  readonly config: RalphConfig;
  readonly traits: ClusterTraits;
  /** Image reference of the pods. */
  readonly image: pulumi.Input<string>;
  /** What allows the pods to use models of the cloud. */
  readonly granted?: Granted;
  /** Resources that must exist before any object, such as a storage class, and are deleted after them. */
  readonly after?: readonly pulumi.Resource[];
  /** The secret store of the cluster's cloud. */
  readonly secrets?: SecretSource;
  /** Creates what manages objects of the namespace, once that exists; deleted after those objects. */
  readonly operators?: (namespace: pulumi.Output<string>) => readonly pulumi.Resource[];
  /** Reads an object of a cluster that others use as well. */
  readonly read?: Cluster["read"];
  /** Creates only what a GitOps tool owns, if there is one: for the files that it applies. */
  readonly rendered?: boolean;
}

/** Ralph Orchestrator in a cluster. Pass the cluster's provider in the options. */
export class Ralph extends pulumi.ComponentResource {
  readonly namespace: pulumi.Output<string>;

  constructor(
    name: string,
    { config, traits, image, granted, secrets, operators, after = [], read, rendered = false }: RalphArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("ralph:workload:Ralph", name, {}, opts);
    for (const warning of warnings(config, traits)) void pulumi.log.warn(warning, this);

    // Without a tool that owns the workload, everything is this program's, and everything is rendered.
    const tools = isToolsOwn(config);
    const [ofProgram, ofTool] = [!tools || !rendered, !tools || rendered];
    const home = ofProgram
      ? namespace(name, config, { parent: this, dependsOn: [...after, ...(granted?.grants ?? [])] })
      : undefined;
    this.namespace = home === undefined ? pulumi.output(config.namespace) : nameOf(home, config);
    if (home !== undefined) void announce(this, home, config);
    const given = createScope(name, this, {
      config,
      traits,
      image,
      namespace: this.namespace,
      granted: granted?.annotations ?? {},
      read,
    });
    const images = ofProgram ? imagePolicy(given) : undefined;
    const scope = { ...given, image: onceAllowed(given, images) };

    const stores = ofProgram ? secretStore(scope, secrets, operators?.(this.namespace) ?? []) : [];
    const held = [...(ofProgram ? foundation(scope, stores) : []), images].filter(
      (each) => each !== undefined,
    );
    const before = ofTool ? workload(keptForTool(scope), held) : held;
    if (ofProgram) {
      backups(scope, before);
      argocdApplication(scope, tools ? held : []);
      fluxObjects(scope, held);
    }

    this.registerOutputs({ namespace: this.namespace });
  }
}

/** The name of the namespace, once it is certain that the update deletes no workload. */
const nameOf = ({ metadata: { name, labels } }: Namespace, config: RalphConfig): pulumi.Output<string> =>
  isToolsOwn(config)
    ? pulumi.all([name, labels]).apply(([kept, found]) => {
        refuseUnprepared(config, found);
        return kept;
      })
    : name;

/** What holds a secret, data or an identity, or is in a namespace of others: no GitOps tool creates it from files. */
function foundation(scope: Scope, stores: readonly pulumi.Resource[]): pulumi.Resource[] {
  prometheusConfig(scope);
  return [
    secret(scope),
    gitSecret(scope),
    telemetrySecret(scope),
    loginSecret(scope),
    ...pullSecretObjects(scope),
    ...externalSecrets(scope, stores),
    ...claims(scope),
    ...rbac(scope),
  ].filter((resource) => resource !== undefined);
}

/** Everything else. @returns what must exist before a pod */
function workload(scope: Scope, held: readonly pulumi.Resource[]): pulumi.Resource[] {
  // Create everything a pod references, and its network policy, before the pod.
  const before = [
    configMap(scope),
    prompts(scope),
    trustedCA(scope),
    ...sealedSecrets(scope),
    ...limits(scope),
    networkPolicy(scope),
    hostPolicy(scope),
    ...held,
  ].filter((resource) => resource !== undefined);

  const worker = deployment(scope, before);
  podDisruptionBudget(scope);
  hpa(scope, worker);
  scaledObject(scope, worker);
  jobs(scope, before);
  cronJobs(scope, before);
  smoke(scope, before);

  service(scope, [worker]);
  serviceMonitor(scope);
  prometheusRule(scope);
  grafanaDashboard(scope);
  const page = [statusService(scope, [worker])].filter((each) => each !== undefined);
  const status = [...page, ...login(scope, [...page, ...held])];
  ingress(scope, status);
  httpRoute(scope, status);
  return before;
}
