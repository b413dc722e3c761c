import { createHash } from "node:crypto";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import type { apps, core } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import { ENDPOINTS, METRICS_PORT, STATUS_PORT, type Variables } from "../../runner/src/contract";
import { API_KEY_SECRET, RALPH } from "../names";
import { type PodSpec, podTemplate } from "../pod";
import type { Scope } from "../scope";
import { telemetryData } from "../telemetry";
import { isPublished } from "../way-in";
import { configData } from "./configmap";
import { gitData } from "./gitsecret";
import { apiKeys } from "./secret";

/** The workers, which run one prompt after another (guide, section 4). */
export function deployment(scope: Scope, dependsOn: pulumi.Resource[]): Deployment {
  const { name, config, metadata, selector, options } = scope;
  const published = isPublished(config);
  return new Deployment(
    name,
    {
      metadata: metadata(RALPH, "worker"),
      spec: {
        // The autoscaler, if there is one, sets the count.
        ...(config.autoscaling.enabled ? {} : { replicas: config.replicaCount }),
        selector: { matchLabels: selector.worker },
        strategy: strategy(scope),
        template: podTemplate(scope, {
          component: "worker",
          agent: config.config.agent,
          annotations: checksums(scope),
          env: { ...tasksPrompts(scope), ...(published ? { RALPH_STATUS_PORT: String(STATUS_PORT) } : {}) },
          ports: published ? [{ name: "status", containerPort: STATUS_PORT }] : [],
          probes: PROBES,
          ...placement(scope),
        }),
      },
    },
    options({ dependsOn }),
  );
}

/** Workers skip the prompts of tasks and schedules, which would otherwise be paid for twice. */
function tasksPrompts({ config: { tasks, schedules } }: Scope): Variables {
  const prompts = [...new Set([...tasks, ...schedules].map(({ prompt }) => prompt))];
  return prompts.length === 0 ? {} : { RALPH_SKIP_PROMPTS: prompts.join() };
}

/** The guide's timings, on endpoints that can fail. */
const PROBES: PodSpec["probes"] = {
  livenessProbe: {
    httpGet: { path: ENDPOINTS.live, port: METRICS_PORT },
    initialDelaySeconds: 30,
    periodSeconds: 30,
  },
  readinessProbe: {
    httpGet: { path: ENDPOINTS.ready, port: METRICS_PORT },
    initialDelaySeconds: 10,
    periodSeconds: 10,
  },
};

/**
 * Recreate where a second pod could not mount the volume while the first one holds it. Otherwise the server's defaults
 * are written out: it rejects a later change to Recreate while they are in the object without being in the manifest.
 */
const strategy = (scope: Scope): apps.v1.DeploymentStrategy =>
  oneNode(scope)
    ? { type: "Recreate" }
    : { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } };

const oneNode = ({ config: { persistence } }: Scope): boolean =>
  persistence.enabled && persistence.workspace.accessMode === "ReadWriteOnce";

/** On the node that holds the disk, if only one node can; otherwise spread over zones and nodes. */
function placement(scope: Scope): Pick<PodSpec, "affinity" | "topologySpreadConstraints"> {
  const labelSelector = { matchLabels: scope.selector.worker };
  const topologyKey = "kubernetes.io/hostname";
  const beside: core.v1.PodAffinity = {
    requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector, topologyKey }],
  };
  const { topologySpreadConstraints: given } = scope.config;
  const spread =
    given.length > 0
      ? given
      : ["topology.kubernetes.io/zone", topologyKey].map((key) => ({
          maxSkew: 1,
          topologyKey: key,
          whenUnsatisfiable: "ScheduleAnyway",
        }));
  return oneNode(scope)
    ? { affinity: { podAffinity: beside } }
    : { topologySpreadConstraints: spread.map((each) => ({ labelSelector, ...each })) };
}

/**
 * ConfigMaps and Secrets change in place, unnoticed by running pods: a changed checksum restarts the pods. Workers look
 * for new prompts themselves, and a restart would end the runs of all others.
 */
function checksums(scope: Scope): Record<string, pulumi.Input<string>> {
  const { config } = scope;
  return {
    "checksum/config": sha256({
      ...configData(config),
      // Only a start of the pod joins the bundle.
      ...(config.trustedCA.certificates === undefined ? {} : { trustedCA: config.trustedCA.certificates }),
    }),
    ...secretChecksum(scope),
  };
}

/** The one of the Secrets, which rendered files cannot have. */
export function secretChecksum({ config }: Scope): Record<string, pulumi.Output<string>> {
  const secrets = { ...apiKeys(config), ...gitData(config), ...telemetryData(config) };
  const { externalSecret } = config.apiKeys;
  // A value that is rotated reaches the pods as a file, but not a key that is new to them.
  const external: Record<string, string> =
    externalSecret === undefined ? {} : { external: JSON.stringify(externalSecret.keys) };
  const sum = pulumi
    .all(secrets)
    .apply((values) => sha256({ purpose: API_KEY_SECRET, ...values, ...external }));
  // The keys have about 100 bits of entropy, so their hash does not reveal them.
  return { "checksum/secrets": pulumi.unsecret(sum) };
}

const sha256 = (values: Record<string, string>): string =>
  createHash("sha256")
    .update(JSON.stringify(Object.entries(values).sort()))
    .digest("hex");
