/**
 * Proves the CronJobs of backups as manifests: off by default, one for snapshots and one for copies, with an account that may
 * do no more than take, list and delete snapshots, and a network policy that opens no more than an API server. What their
 * program does is in test/runner/backup.test.ts.
 */
import assert from "node:assert/strict";
import { allowed, type NetworkPolicy, type Pod } from "../support/netpol";
import type { StackConfig, StackRun } from "../support/stack";
import { changed, defaults, KIND, manifest, podOf } from "../support/workload";

const BACKUP = { enabled: true, snapshotClass: "csi-snapshots" };
const withBackups = (backup: StackConfig = {}, config: StackConfig = {}) =>
  changed({ backup: { ...BACKUP, ...backup }, ...config });
const named = (run: StackRun, kind: string) =>
  run.ofType(kind).filter(({ inputs }) => String(inputs.metadata.name).startsWith("ralph-backup"));
const only = <T>([one, ...more]: readonly T[]): T => {
  assert.equal(more.length, 0);
  return one ?? assert.fail("there is none");
};
const variables = (run: StackRun) =>
  named(run, KIND.cronJob).map((each) =>
    Object.fromEntries(
      podOf(each).spec.containers[0].env.map(({ name, value }: Record<string, string>) => [
        name?.replace("RALPH_BACKUP_", ""),
        value,
      ]),
    ),
  );
const metadata = (name: string) => `
        metadata:
          name: ${name}
          namespace: ralph-orchestrator
          labels: { app: ralph-backup, app.kubernetes.io/name: ralph-backup }`;

describe("backups", () => {
  it("do not exist by default", async () => {
    const run = await defaults();
    for (const kind of [KIND.cronJob, KIND.serviceAccount, KIND.role, KIND.roleBinding, KIND.networkPolicy])
      assert.deepEqual(named(run, kind), []);
  });

  it("are a CronJob that complies with Pod Security restricted, on the node of the workers", async () => {
    const run = await withBackups();
    const { metadata: own, spec } = only(named(run, KIND.cronJob)).inputs;
    assert.equal(own.name, "ralph-backup");
    assert.deepEqual(
      { ...spec, jobTemplate: undefined },
      {
        schedule: "0 * * * *",
        concurrencyPolicy: "Forbid",
        startingDeadlineSeconds: 3300,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 3,
        jobTemplate: undefined,
      },
    );
    const { template, ...job } = spec.jobTemplate.spec;
    assert.deepEqual(job, { backoffLimit: 0, activeDeadlineSeconds: 3300, ttlSecondsAfterFinished: 300 });
    assert.deepEqual(
      template,
      manifest(`
        metadata:
          labels: { app: ralph-backup, app.kubernetes.io/name: ralph-backup }
        spec:
          serviceAccountName: ralph-backup
          automountServiceAccountToken: true
          enableServiceLinks: false
          restartPolicy: Never
          securityContext:
            runAsNonRoot: true
            runAsUser: 1000
            runAsGroup: 1000
            fsGroup: 1000
            fsGroupChangePolicy: OnRootMismatch
            seccompProfile: { type: RuntimeDefault }
          affinity:
            podAffinity:
              requiredDuringSchedulingIgnoredDuringExecution:
                - labelSelector:
                    matchLabels: { app: ralph-orchestrator, app.kubernetes.io/component: worker }
                  topologyKey: kubernetes.io/hostname
          containers:
            - name: backup
              image: ghcr.io/mikeyobrien/ralph-orchestrator:v1.0.0
              imagePullPolicy: IfNotPresent
              args: [backup]
              env:
                - { name: RALPH_BACKUP_KIND, value: snapshot }
                - { name: RALPH_BACKUP_CLAIM, value: ralph-workspace }
                - { name: RALPH_BACKUP_CLASS, value: csi-snapshots }
                - { name: RALPH_BACKUP_STORAGE_CLASS, value: standard }
                - { name: RALPH_BACKUP_ACCESS_MODE, value: ReadWriteOnce }
                - { name: RALPH_BACKUP_SIZE, value: 10Gi }
                - { name: RALPH_BACKUP_KEEP, value: "24" }
                - { name: RALPH_BACKUP_PATIENCE, value: "3000" }
              resources:
                requests: { cpu: 10m, memory: 64Mi, ephemeral-storage: 16Mi }
                limits: { cpu: 500m, memory: 256Mi, ephemeral-storage: 64Mi }
              securityContext:
                allowPrivilegeEscalation: false
                capabilities: { drop: [ALL] }
                readOnlyRootFilesystem: true
              volumeMounts:
                - { name: workspace, mountPath: /workspace }
                - { name: tmp, mountPath: /tmp }
          volumes:
            - { name: workspace, persistentVolumeClaim: { claimName: ralph-workspace } }
            - { name: tmp, emptyDir: {} }
      `),
    );
  });

  it("may create, list and delete snapshots in the namespace, and nothing else", async () => {
    const run = await withBackups();
    assert.deepEqual(
      only(named(run, KIND.role)).inputs,
      manifest(`
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        ${metadata("ralph-backup").trim()}
        rules:
          - apiGroups: [snapshot.storage.k8s.io]
            resources: [volumesnapshots]
            verbs: [create, list, delete]
      `),
    );
    assert.deepEqual(only(named(run, KIND.roleBinding)).inputs.subjects, [
      { kind: "ServiceAccount", name: "ralph-backup", namespace: "ralph-orchestrator" },
    ]);
    assert.equal(only(named(run, KIND.serviceAccount)).inputs.automountServiceAccountToken, false);
  });

  it("reach an API server, and neither the cloud's metadata nor DNS, nor anyone them", async () => {
    const run = await withBackups();
    const policies = run.ofType(KIND.networkPolicy).map(({ inputs }) => inputs as NetworkPolicy);
    const pod: Pod = { namespace: "ralph-orchestrator", labels: { app: "ralph-backup" }, ip: "10.244.1.9" };
    const worker: Pod = {
      namespace: "ralph-orchestrator",
      labels: { app: "ralph-orchestrator", "app.kubernetes.io/component": "worker" },
      ip: "10.244.1.7",
    };
    const to = (target: string, port: number) =>
      allowed(policies, { from: pod, to: target, port, protocol: "TCP" });
    assert.deepEqual(
      [to("10.96.0.1", 443), to("203.0.113.7", 6443), to("10.96.0.1", 80), to("169.254.169.254", 443)],
      [true, true, false, false],
    );
    assert.equal(allowed(policies, { from: worker, to: pod, port: 443 }), false);
    const open = await withBackups({}, { networkPolicy: { enabled: false } });
    assert.deepEqual(named(open, KIND.networkPolicy), []);
  });

  it("have a second CronJob for copies in a class of the user's, which are kept by their age", async () => {
    const run = await withBackups({ keep: 48, copy: { snapshotClass: "far", retentionDays: 7 } });
    assert.deepEqual(
      named(run, KIND.cronJob).map(({ inputs }) => [inputs.metadata.name, inputs.spec.schedule]),
      [
        ["ralph-backup", "0 * * * *"],
        ["ralph-backup-copy", "0 3 * * *"],
      ],
    );
    assert.deepEqual(
      variables(run).map(({ KIND: kind, CLASS, KEEP, DAYS }) => ({ kind, CLASS, KEEP, DAYS })),
      [
        { kind: "snapshot", CLASS: "csi-snapshots", KEEP: "48", DAYS: undefined },
        { kind: "copy", CLASS: "far", KEEP: undefined, DAYS: "7" },
      ],
    );
  });

  it("are of the claim that is used, and run on any node if every node can mount it, or no worker does", async () => {
    const shared = { workspace: { accessMode: "ReadWriteMany", existingClaim: "restored" } };
    const many = await changed({ backup: BACKUP, persistence: shared }, { storageClass: { rwx: "shared" } });
    const [values] = variables(many);
    assert.deepEqual(
      [values?.CLAIM, values?.STORAGE_CLASS, values?.ACCESS_MODE],
      ["restored", "shared", "ReadWriteMany"],
    );
    const none = await withBackups({}, { autoscaling: { enabled: false }, replicaCount: 0 });
    for (const run of [many, none])
      assert.equal(podOf(only(named(run, KIND.cronJob))).spec.affinity, undefined);
  });

  it("are counted in the quota", async () => {
    const pods = (run: StackRun) => Number(run.find(KIND.quota, "ralph-quota").inputs.spec.hard.pods);
    const without = pods(await defaults());
    assert.equal(pods(await withBackups()), without + 2);
    assert.equal(pods(await withBackups({ copy: { snapshotClass: "far" } })), without + 4);
  });
});
