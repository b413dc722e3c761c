/**
 * What fits Ralph's pods to a company's cluster. Names and shapes are those that Helm charts share, so that such values
 * can be taken over.
 */
import type { Rule, Warning } from "../section";
import * as containers from "./containers";
import * as metadata from "./metadata";
import * as network from "./network";
import * as proxy from "./proxy";
import * as scheduling from "./scheduling";
import * as trustedCA from "./trusted-ca";
import * as variables from "./variables";
import * as volumes from "./volumes";

export const podKeys = {
  proxy: proxy.proxy,
  trustedCA: trustedCA.trustedCA,
  extraEnv: variables.extraEnv,
  extraEnvFrom: variables.extraEnvFrom,
  extraVolumes: volumes.extraVolumes,
  extraVolumeMounts: volumes.extraVolumeMounts,
  initContainers: containers.initContainers,
  sidecars: containers.sidecars,
  nodeSelector: scheduling.nodeSelector,
  tolerations: scheduling.tolerations,
  affinity: scheduling.affinity,
  topologySpreadConstraints: scheduling.topologySpreadConstraints,
  priorityClassName: scheduling.priorityClassName,
  runtimeClassName: scheduling.runtimeClassName,
  terminationGracePeriodSeconds: scheduling.terminationGracePeriodSeconds,
  hostAliases: network.hostAliases,
  dnsConfig: network.dnsConfig,
  commonLabels: metadata.commonLabels,
  podLabels: metadata.podLabels,
  podAnnotations: metadata.podAnnotations,
};

export const rules: readonly Rule[] = [
  containers,
  metadata,
  proxy,
  scheduling,
  trustedCA,
  variables,
  volumes,
].flatMap((section) => section.rules);

export const warnings: readonly Warning[] = [...proxy.warnings, ...scheduling.warnings];
