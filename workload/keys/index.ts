import type { z } from "zod";
import * as apiKeys from "./api-keys";
import * as argocd from "./argocd";
import * as autoscaling from "./autoscaling";
import * as backup from "./backup";
import { config } from "./config";
import { flux } from "./flux";
import * as gateway from "./gateway";
import * as git from "./git";
import * as gitops from "./gitops";
import * as image from "./image";
import * as imagePullSecrets from "./image-pull-secrets";
import * as ingress from "./ingress";
import * as login from "./login";
import * as modelRules from "./model-rules";
import { models } from "./models";
import * as monitoring from "./monitoring";
import * as namespace from "./namespace";
import * as neededHosts from "./needed-hosts";
import * as networkPolicy from "./network-policy";
import * as persistence from "./persistence";
import * as policy from "./policy";
import { podKeys, rules as podRules, warnings as podWarnings } from "./pods";
import * as prompts from "./prompts";
import * as quota from "./quota";
import * as results from "./results";
import * as resources from "./resources";
import * as runs from "./runs";
import type { Rule, Warning } from "./section";
import * as sealedSecrets from "./sealed-secrets";
import * as secretStore from "./secret-store";
import * as serviceAccount from "./service-account";
import * as smoke from "./smoke";
import * as source from "./source";
import * as telemetry from "./telemetry";

/**
 * The keys under `ralph:`, except `cloud` and `cluster`, in the guide's order. Names and defaults are those of the
 * guide's manifests and of its Helm values.
 */
export const schema = {
  namespace: namespace.namespace,
  replicaCount: autoscaling.replicaCount,
  image: image.image,
  imagePullSecrets: imagePullSecrets.imagePullSecrets,
  apiKeys: apiKeys.apiKeys,
  secretStore: secretStore.secretStore,
  sealedSecrets: sealedSecrets.sealedSecrets,
  models,
  source: source.source,
  git: git.git,
  config,
  prompts: prompts.prompts,
  resources: resources.resources,
  quota: quota.quota,
  limitRange: quota.limitRange,
  serviceAccount: serviceAccount.serviceAccount,
  ...podKeys,
  persistence: persistence.persistence,
  backup: backup.backup,
  autoscaling: autoscaling.autoscaling,
  tasks: runs.tasks,
  schedules: runs.schedules,
  smoke: smoke.smoke,
  monitoring: monitoring.monitoring,
  telemetry: telemetry.telemetry,
  networkPolicy: networkPolicy.networkPolicy,
  policy: policy.policy,
  ingress: ingress.ingress,
  gateway: gateway.gateway,
  login: login.login,
  gitops: gitops.gitops,
  argocd: argocd.argocd,
  flux,
} satisfies Record<string, z.ZodType>;

/** The parsed configuration of the workload. API keys and passwords are secret outputs. */
export type RalphConfig = { readonly [Key in keyof typeof schema]: z.output<(typeof schema)[Key]> };

/** The rules between keys. */
export const rules: readonly Rule[] = [
  namespace,
  image,
  imagePullSecrets,
  apiKeys,
  secretStore,
  sealedSecrets,
  modelRules,
  source,
  git,
  prompts,
  resources,
  quota,
  serviceAccount,
  persistence,
  backup,
  autoscaling,
  runs,
  smoke,
  monitoring,
  telemetry,
  networkPolicy,
  policy,
  ingress,
  gateway,
  login,
  gitops,
  argocd,
]
  .flatMap((section) => section.rules)
  .concat(podRules);

const WARNINGS: readonly Warning[] = [
  apiKeys,
  results,
  modelRules,
  serviceAccount,
  autoscaling,
  networkPolicy,
  neededHosts,
  ingress,
  login,
]
  .flatMap((section) => section.warnings)
  .concat(podWarnings);

/** Every warning about a valid configuration. */
export const warnings: Warning = (config, traits) => WARNINGS.flatMap((warn) => warn(config, traits));
