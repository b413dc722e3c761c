/**
 * Proves what backups need on each cloud: the classes of snapshots with their drivers and places, what makes the copies in
 * another region and outlives the stack, and which volumes are refused. Does not prove that a driver accepts the parameters:
 * the sources beside them say so.
 */
import assert from "node:assert/strict";
import { withProgram, run as runOnEks } from "../support/eks";
import { MINIMAL, onlyPrograms, run as runOnAks } from "../support/aks";
import { PUBLIC, run as runOnGke, withPrograms } from "../support/gke";
import { BASE, type StackConfig, type StackRun } from "../support/stack";

const CLASS = "kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshotClass";
const VAULT = "aws:backup/vault:Vault";
const MANY = { workspace: { accessMode: "ReadWriteMany" } };
const classes = (run: StackRun) =>
  run.ofType(CLASS).map(({ inputs: { metadata, driver, deletionPolicy, parameters } }) => {
    assert.equal(deletionPolicy, "Delete");
    return { name: metadata.name as string, driver: driver as string, parameters: parameters as object };
  });
const crons = (run: StackRun) =>
  run
    .ofType("kubernetes:batch/v1:CronJob")
    .map(({ inputs }) => inputs.metadata.name as string)
    .filter((name) => name.startsWith("ralph-backup"));
const backup = (copy: StackConfig = {}) => ({ backup: { enabled: true, copy } });
const withoutBase = Object.fromEntries(Object.keys(BASE).map((key) => [key, undefined]));

describe("backups on GKE", () => {
  withPrograms();
  const labels = "project=ralph,stack=test";

  it("create nothing by default", async () => {
    const run = await runOnGke();
    assert.deepEqual([...classes(run), ...crons(run)], []);
  });

  it("of disks and of Filestore are snapshots, with copies that are snapshots in another region", async () => {
    const copied = backup({ region: "europe-west4" });
    const disks = await runOnGke(PUBLIC, copied);
    const driver = "pd.csi.storage.gke.io";
    assert.deepEqual(classes(disks), [
      { name: "ralph-snapshots", driver, parameters: { labels } },
      { name: "ralph-copies", driver, parameters: { labels, "storage-locations": "europe-west4" } },
    ]);
    assert.deepEqual(crons(disks), ["ralph-backup", "ralph-backup-copy"]);
    const filestore = "filestore.csi.storage.gke.io";
    assert.deepEqual(classes(await runOnGke(PUBLIC, { ...copied, persistence: MANY })), [
      { name: "ralph-snapshots", driver: filestore, parameters: { type: "backup" } },
      { name: "ralph-copies", driver: filestore, parameters: { type: "backup", location: "europe-west4" } },
    ]);
  });

  it("have no copies in the cluster's own region", async () => {
    await assert.rejects(
      runOnGke(PUBLIC, backup({ region: "us-central1" })),
      /ralph:backup\.copy\.region +must not be the cluster's own; it is "us-central1"/,
    );
  });
});

describe("backups on EKS", () => {
  withProgram();

  it("need the add-on for snapshots, which exists before the class", async () => {
    const run = await runOnEks(undefined, backup());
    assert.deepEqual(classes(run), [{ name: "ralph-snapshots", driver: "ebs.csi.aws.com", parameters: {} }]);
    assert.deepEqual(crons(run), ["ralph-backup"]);
    const addon = run.find("aws:eks/addon:Addon", "cluster-snapshot-controller");
    assert.ok(run.find(CLASS, "ralph-snapshots").dependencies.includes(addon.urn));
    const { ofType } = await runOnEks();
    assert.ok(!ofType("aws:eks/addon:Addon").some(({ name }) => name === addon.name));
  });

  it("are copied by AWS Backup: the claim's disk, once a day, to a vault without the stack's tags", async () => {
    const run = await runOnEks(undefined, backup({ region: "eu-west-1", retentionDays: 14 }), {
      outputs: (type, { region }) =>
        type === VAULT
          ? { name: "vault", arn: `arn:aws:backup:${region}:123456789012:backup-vault:vault` }
          : {},
    });
    assert.deepEqual(crons(run), ["ralph-backup"]);
    const vaults = run
      .ofType(VAULT)
      .map(({ name, inputs }) => ({ name, inputs }))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
    assert.deepEqual(vaults, [
      { name: "cluster-backup", inputs: { forceDestroy: true, tags: { project: "ralph", stack: "test" } } },
      { name: "ralph-cluster-copies", inputs: { region: "eu-west-1", tags: { "copies-of": "test" } } },
    ]);
    const [rule] = run.find("aws:backup/plan:Plan", "cluster-backup").inputs.rules;
    assert.equal(rule.schedule, "cron(0 3 * * ? *)");
    assert.deepEqual(rule.lifecycle, { deleteAfter: 1 });
    assert.deepEqual(rule.copyActions, [
      {
        destinationVaultArn: "arn:aws:backup:eu-west-1:123456789012:backup-vault:vault",
        lifecycle: { deleteAfter: 14 },
      },
    ]);
    const { inputs } = run.find("aws:backup/selection:Selection", "cluster-backup");
    assert.deepEqual(inputs.resources, ["arn:aws:ec2:*:*:volume/*"]);
    assert.deepEqual(
      inputs.conditions[0].stringEquals.map(({ key, value }: Record<string, string>) => [key, value]),
      [
        ["aws:ResourceTag/kubernetes.io/created-for/pvc/name", "ralph-workspace"],
        ["aws:ResourceTag/kubernetes.io/created-for/pvc/namespace", "ralph-orchestrator"],
        ["aws:ResourceTag/stack", "test"],
      ],
    );
  });

  for (const [what, config, message] of [
    [
      "EFS",
      { ...backup(), persistence: MANY },
      /backup\.enabled +must be false: the driver of EFS takes no snapshots/,
    ],
    [
      "a schedule that AWS writes in another way",
      backup({ region: "eu-west-1", schedule: "0 3 * * 1" }),
      /backup\.copy\.schedule +must be a time of each day: /,
    ],
    ["copies in the cluster's region", backup({ region: "us-west-2" }), /must not be the cluster's own/],
  ] as const)
    it(`refuse ${what}`, async () => {
      await assert.rejects(runOnEks(undefined, config), message);
    });
});

describe("backups on AKS", () => {
  let restore: () => void;
  before(() => (restore = onlyPrograms("kubelogin", "az")));
  after(() => restore());
  const run = (config: StackConfig) =>
    runOnAks({}, { config: { ...withoutBase, cloud: "aks", cluster: MINIMAL, ...config } });

  it("are in groups that outlive the cluster; that of the copies has none of the stack's tags", async () => {
    const result = await run(backup({ region: "northeurope" }));
    const driver = "disk.csi.azure.com";
    assert.deepEqual(classes(result), [
      { name: "ralph-snapshots", driver, parameters: { incremental: "true", resourceGroup: "ralph-rg" } },
      {
        name: "ralph-copies",
        driver,
        parameters: { incremental: "true", resourceGroup: "ralph-rg", location: "northeurope" },
      },
    ]);
    assert.deepEqual(result.find("azure-native:resources:ResourceGroup", "ralph-cluster-copies").inputs, {
      location: "northeurope",
      tags: { "copies-of": "test" },
    });
    const roles = result
      .ofType("azure-native:authorization:RoleAssignment")
      .filter(({ inputs }) =>
        String(inputs.roleDefinitionId).endsWith("7efff54f-a5b4-42b5-a1c5-5411624893ce"),
      );
    assert.deepEqual(
      roles.map(({ name, inputs: { principalId } }) => [name, principalId]),
      [
        ["cluster-snapshots", "principal"],
        ["cluster-copies", "principal"],
      ],
    );
    const grants = new Set(roles.map(({ urn }) => urn));
    assert.ok(result.find(CLASS, "ralph-copies").dependencies.some((urn) => grants.has(urn)));
  });

  it("refuse Azure Files, whose snapshots are deleted with the share", async () => {
    await assert.rejects(
      run({ ...backup(), persistence: MANY }),
      /must be false: snapshots of an Azure file share/,
    );
    await run({ backup: { enabled: true, snapshotClass: "files" }, persistence: MANY });
  });
});
