import { createHash } from "node:crypto";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import type { apps, core } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import { ENDPOINTS, METRICS_PORT, type Variables } from "../../runner/src/contract";
import { API_KEY_SECRET, RALPH } from "../names";
import { type PodSpec, podTemplate } from "../pod";
import type { Scope } from "../scope";
import { configData } from "./configmap";
import { gitData } from "./gitsecret";
import { apiKeys } from "./secret";

/** The worker: takes up one prompt after another (guide, section 4). */
export function deployment(scope: Scope, dependsOn: pulumi.Resource[]): Deployment {
  const { name, config, metadata, selector, options } = scope;
  return new Deployment(
    name,
    {
      metadata: metadata(RALPH, "worker"),
      spec: {
        // With an autoscaler the count is its to write.
        ...(config.autoscaling.enabled ? {} : { replicas: config.replicaCount }),
        selector: { matchLabels: selector.worker },
        strategy: strategy(scope),
        template: podTemplate(scope, {
          component: "worker",
          annotations: checksums(scope),
          env: tasksPrompts(scope),
          probes: PROBES,
          ...placement(scope),
        }),
      },
    },
    options({ dependsOn }),
  );
}

/** What a task or a schedule runs is not for the workers as well: it would be paid for twice. */
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
 * A second pod could not mount the volume while the first one holds it. The server's own numbers are said, because
 * it refuses a Recreate that leaves numbers there which it had put in itself.
 */
const strategy = (scope: Scope): apps.v1.DeploymentStrategy =>
  oneNode(scope)
    ? { type: "Recreate" }
    : { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } };

const oneNode = ({ config: { persistence } }: Scope): boolean =>
  persistence.enabled && persistence.workspace.accessMode === "ReadWriteOnce";

/** Beside the disk where one node holds it, else spread over the nodes. */
function placement(scope: Scope): Pick<PodSpec, "affinity" | "topologySpreadConstraints"> {
  const labelSelector = { matchLabels: scope.selector.worker };
  const topologyKey = "kubernetes.io/hostname";
  const beside: core.v1.PodAffinity = {
    requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector, topologyKey }],
  };
  return oneNode(scope)
    ? { affinity: { podAffinity: beside } }
    : {
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey, whenUnsatisfiable: "ScheduleAnyway", labelSelector },
        ],
      };
}

/** ConfigMaps and Secrets change in place, which no running pod sees: their checksums roll the pods. */
function checksums({ config }: Scope): Record<string, pulumi.Input<string>> {
  const secrets = { ...apiKeys(config), ...gitData(config) };
  const sum = pulumi.all(secrets).apply((values) => sha256({ purpose: API_KEY_SECRET, ...values }));
  return {
    "checksum/config": sha256({ ...configData(config), ...config.prompts }),
    // Of keys with some 100 bits of chance; nobody finds them from their hash.
    "checksum/secrets": pulumi.unsecret(sum),
  };
}

const sha256 = (values: Record<string, string>): string =>
  createHash("sha256")
    .update(JSON.stringify(Object.entries(values).sort()))
    .digest("hex");
