import { CronJob } from "@pulumi/kubernetes/batch/v1";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import { Role, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { BACKUP as COMMAND, BACKUP_LABELS, type BackupVariables, MOUNTS } from "../../runner/src/contract";
import { backedUpClaim, type BackupSchedule, backupSchedules } from "../backups";
import { podSettings, RESTRICTED, scheduling } from "../fit";
import { BACKUP, BACKUP_COPY } from "../names";
import { AS_RALPH, claim, empty } from "../pod";
import { pullSecrets, type Scope } from "../scope";

/** Of an API server, behind its Service or by itself. */
const API_PORTS = [443, 6443];
/** Seconds: less than an hour, so that the default schedule never overlaps. */
const DEADLINE = 3300;
/** Seconds of it until a snapshot must be usable. The first one of a large disk takes longest. */
const PATIENCE = 3000;
/** Seconds for which a pod that has ended can be looked at. */
const KEPT = 300;

export const RESOURCES = {
  requests: { cpu: "10m", memory: "64Mi", "ephemeral-storage": "16Mi" },
  limits: { cpu: "500m", memory: "256Mi", "ephemeral-storage": "64Mi" },
} as const;

/**
 * CronJobs that take snapshots of the workspace. A pod of theirs gets a token for an account that may create, list and
 * delete snapshots in this namespace, and reaches the API server only.
 */
export function backups(scope: Scope, dependsOn: readonly pulumi.Resource[]): CronJob[] {
  const schedules = backupSchedules(scope.config, scope.traits);
  if (schedules.length === 0) return [];
  const { name, options } = scope;
  const before = [...access(scope), policy(scope), ...dependsOn].filter((each) => each !== undefined);
  return schedules.map(
    (schedule) =>
      new CronJob(
        `${name}-backup-${schedule.kind}`,
        {
          metadata: metadata(scope, schedule.kind === "copy" ? BACKUP_COPY : BACKUP),
          spec: {
            schedule: schedule.schedule,
            concurrencyPolicy: "Forbid",
            startingDeadlineSeconds: DEADLINE,
            successfulJobsHistoryLimit: 1,
            failedJobsHistoryLimit: 3,
            jobTemplate: {
              metadata: { labels: metadata(scope).labels },
              spec: {
                // The next run is the retry.
                backoffLimit: 0,
                activeDeadlineSeconds: DEADLINE,
                // A claim that any pod refers to cannot be deleted, even if that has ended.
                ttlSecondsAfterFinished: KEPT,
                template: { metadata: { labels: metadata(scope).labels }, spec: pod(scope, schedule) },
              },
            },
          },
        },
        options({ dependsOn: before }),
      ),
  );
}

/** As of every object, but with labels of its own: nothing scrapes these pods, and the network policy is another one. */
function metadata({ metadata: of }: Scope, objectName?: string) {
  const { labels, ...rest } = of(objectName);
  return { ...rest, labels: { ...labels, "app.kubernetes.io/name": BACKUP, ...BACKUP_LABELS } };
}

function access(scope: Scope): pulumi.Resource[] {
  const { name, namespace, options } = scope;
  const account = new ServiceAccount(
    `${name}-backup`,
    { metadata: metadata(scope, BACKUP), automountServiceAccountToken: false },
    options(),
  );
  const role = new Role(
    `${name}-backup`,
    {
      metadata: metadata(scope, BACKUP),
      rules: [
        {
          apiGroups: ["snapshot.storage.k8s.io"],
          resources: ["volumesnapshots"],
          verbs: ["create", "list", "delete"],
        },
      ],
    },
    options(),
  );
  const binding = new RoleBinding(
    `${name}-backup`,
    {
      metadata: metadata(scope, BACKUP),
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: BACKUP },
      subjects: [{ kind: "ServiceAccount", name: BACKUP, namespace }],
    },
    options({ dependsOn: [account, role] }),
  );
  return [account, role, binding];
}

/** The addresses of an API server are unknown, and some are public: only its ports tell it from others. */
function policy(scope: Scope): NetworkPolicy | undefined {
  const { name, config, options } = scope;
  if (!config.networkPolicy.enabled) return undefined;
  return new NetworkPolicy(
    `${name}-backup-policy`,
    {
      metadata: metadata(scope, BACKUP),
      spec: {
        podSelector: { matchLabels: BACKUP_LABELS },
        policyTypes: ["Ingress", "Egress"],
        egress: [
          {
            to: [
              { ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] } },
              { ipBlock: { cidr: "::/0", except: ["fe80::/10", "fd00:ec2::/32"] } },
            ],
            ports: API_PORTS.map((port) => ({ protocol: "TCP", port })),
          },
        ],
      },
    },
    options(),
  );
}

function pod(scope: Scope, schedule: BackupSchedule): core.v1.PodSpec {
  const { config, image, selector } = scope;
  const secrets = pullSecrets(scope);
  const mounted = claim("workspace", backedUpClaim(config));
  const { accessMode } = config.persistence.workspace;
  const hasWorkers = config.autoscaling.enabled || config.replicaCount > 0;
  return {
    serviceAccountName: BACKUP,
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    restartPolicy: "Never",
    securityContext: AS_RALPH,
    ...(secrets.length > 0 ? { imagePullSecrets: secrets } : {}),
    ...scheduling(scope),
    ...podSettings(scope),
    // Only one node can mount a ReadWriteOnce volume, the node of the workers.
    ...(accessMode === "ReadWriteOnce" && hasWorkers
      ? {
          affinity: {
            podAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                { labelSelector: { matchLabels: selector.worker }, topologyKey: "kubernetes.io/hostname" },
              ],
            },
          },
        }
      : {}),
    containers: [
      {
        name: "backup",
        image,
        imagePullPolicy: config.image.pullPolicy,
        args: [COMMAND],
        env: Object.entries(variables(scope, schedule)).map(([name, value]) => ({ name, value })),
        resources: RESOURCES,
        securityContext: RESTRICTED,
        // For the manifest.
        volumeMounts: [
          { name: mounted.name, mountPath: MOUNTS.workspace },
          { name: "tmp", mountPath: "/tmp" },
        ],
      },
    ],
    volumes: [mounted, empty("tmp")],
  };
}

const variables = (
  { config, traits }: Scope,
  { kind, snapshotClass, retention }: BackupSchedule,
): BackupVariables => {
  const { storageClass, workspace } = config.persistence;
  const byDefault =
    workspace.accessMode === "ReadWriteMany" ? traits.storageClass.rwx : traits.storageClass.rwo;
  return {
    RALPH_BACKUP_KIND: kind,
    RALPH_BACKUP_CLAIM: backedUpClaim(config),
    RALPH_BACKUP_CLASS: snapshotClass,
    RALPH_BACKUP_STORAGE_CLASS: storageClass ?? byDefault ?? "",
    RALPH_BACKUP_ACCESS_MODE: workspace.accessMode,
    RALPH_BACKUP_SIZE: workspace.size,
    ...("keep" in retention
      ? { RALPH_BACKUP_KEEP: String(retention.keep) }
      : { RALPH_BACKUP_DAYS: String(retention.days) }),
    RALPH_BACKUP_PATIENCE: String(PATIENCE),
  };
};
