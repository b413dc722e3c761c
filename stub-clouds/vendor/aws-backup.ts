import { option, Refused, type Respond } from "./words";
import type { Resource } from "../types";

const isVault = ({ token }: Resource): boolean => token === "aws:backup/vault:Vault";

/** What `aws backup` answers. No backup is ever made here, so vaults are empty. */
export const backup: Readonly<Record<string, Respond>> = {
  "backup get-backup-plan": (words, resources) => {
    const id = option(words, "backup-plan-id");
    const found = resources.find((each) => each.token === "aws:backup/plan:Plan" && each.id === id);
    if (found === undefined)
      throw new Refused(
        "An error occurred (ResourceNotFoundException) when calling the GetBackupPlan operation: Cannot find Backup plan",
      );
    return { BackupPlanId: id, BackupPlan: { BackupPlanName: found.inputs.name } };
  },
  "backup list-backup-plans": (_, resources) => ({
    BackupPlansList: resources
      .filter(({ token }) => token === "aws:backup/plan:Plan")
      .map(({ id, inputs }) => ({ BackupPlanId: id, BackupPlanName: inputs.name })),
  }),
  "backup list-backup-selections": (words, resources) => ({
    BackupSelectionsList: resources
      .filter(({ token }) => token === "aws:backup/selection:Selection")
      .filter(({ inputs }) => inputs.planId === option(words, "backup-plan-id"))
      .map(({ id, inputs }) => ({ SelectionId: id, SelectionName: inputs.name })),
  }),
  "backup list-backup-vaults": (_, resources) => ({
    BackupVaultList: resources.filter(isVault).map(({ id }) => ({ BackupVaultName: id })),
  }),
  "backup list-recovery-points-by-backup-vault": (words, resources) => {
    const name = option(words, "backup-vault-name");
    // So it answers for a vault that does not exist: https://github.com/aws/aws-sdk-js/issues/2625
    if (!resources.some((each) => isVault(each) && each.id === name))
      throw new Refused("An error occurred (AccessDeniedException): Insufficient privileges");
    return { RecoveryPoints: [] };
  },
};
