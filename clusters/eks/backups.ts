import { Plan } from "@pulumi/aws/backup/plan";
import { Selection } from "@pulumi/aws/backup/selection";
import { Vault } from "@pulumi/aws/backup/vault";
import * as pulumi from "@pulumi/pulumi";
import { KEPT_TAG } from "../ownership";
import type { BackupPlan, Backups, ClusterTraits } from "../types";
import { createSnapshotController } from "./addons";
import type { ControlPlane } from "./control-plane";
import { createBackupRole } from "./identity";
import { configuredRegion } from "./location";
import { partition, type Scope } from "./scope";

const SNAPSHOT_CLASS = "ralph-snapshots";

export const snapshots = (): NonNullable<ClusterTraits["snapshots"]> => ({
  region: configuredRegion(),
  rwo: { className: SNAPSHOT_CLASS, copies: "daily" },
  // https://github.com/kubernetes-sigs/aws-efs-csi-driver/blob/master/docs/README.md
  rwx: { none: "the driver of EFS takes no snapshots, but AWS Backup backs up its file systems" },
});

export function prepareBackups(
  scope: Scope,
  controlPlane: ControlPlane,
  nodes: readonly pulumi.Resource[],
  plan: BackupPlan,
): Backups {
  if (plan.copy !== undefined) createCopies(scope, plan.claim, plan.copy);
  return {
    classes: [{ name: SNAPSHOT_CLASS, driver: "ebs.csi.aws.com", parameters: {} }],
    after: createSnapshotController(scope, controlPlane, nodes),
  };
}

/** Days for which AWS Backup keeps what it copies from: the least that it allows. */
const SOURCE_DAYS = 1;
/** Minutes within which a backup starts, and ends. */
const WINDOW = { startWindow: 60, completionWindow: 180 };

/**
 * Copies the disk to another region by AWS Backup, once a day. An EBS snapshot has one region, and the driver cannot copy
 * it. The vault there outlives the stack: it is not in the state after a destroy, and has another name each time.
 */
function createCopies(
  scope: Scope,
  claim: BackupPlan["claim"],
  { region, schedule, retentionDays }: NonNullable<BackupPlan["copy"]>,
): void {
  const { name, config, tags, options } = scope;
  const role = createBackupRole(scope);
  const source = new Vault(`${name}-backup`, { forceDestroy: true, tags }, options());
  const target = new Vault(
    `${config.name}-copies`,
    { region, tags: { ...config.tags, [KEPT_TAG]: pulumi.getStack() } },
    options({ retainOnDelete: true }),
  );
  const plan = new Plan(
    `${name}-backup`,
    {
      rules: [
        {
          ruleName: "copy",
          targetVaultName: source.name,
          schedule: cronOf(schedule),
          ...WINDOW,
          lifecycle: { deleteAfter: SOURCE_DAYS },
          copyActions: [{ destinationVaultArn: target.arn, lifecycle: { deleteAfter: retentionDays } }],
        },
      ],
      tags,
    },
    options(),
  );
  const created = "aws:ResourceTag/kubernetes.io/created-for/pvc";
  new Selection(
    `${name}-backup`,
    {
      planId: plan.id,
      iamRoleArn: role.arn,
      resources: [`arn:${partition(scope.region)}:ec2:*:*:volume/*`],
      // The driver tags each disk with its claim, and with the stack's tags:
      // https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/tagging.md
      conditions: [
        {
          stringEquals: [
            { key: `${created}/name`, value: claim.name },
            { key: `${created}/namespace`, value: claim.namespace },
            { key: "aws:ResourceTag/stack", value: tags.stack ?? "" },
          ],
        },
      ],
    },
    options({ dependsOn: [...role.attachments] }),
  );
}

/** A time of each day: a rule refuses other schedules, because AWS numbers weekdays in another way. */
const cronOf = (schedule: string): string => `cron(${schedule.split(" ").slice(0, 2).join(" ")} * * ? *)`;
