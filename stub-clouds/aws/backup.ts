import type { Row, Token, Values } from "../types";

const VAULT = "aws:backup/vault:Vault";
const PLAN = "aws:backup/plan:Plan";
const SELECTION = "aws:backup/selection:Selection";
const ROLE = "aws:iam/role:Role";

/** AWS Backup. A vault, unlike its ARN, is named without its region; a copy goes to an ARN, which may be in another. */
export const backup: Readonly<Record<Token, Row>> = {
  [VAULT]: {
    autoname: { property: "name", maxLength: 50 },
    // https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupVault.html
    rules: { name: { pattern: /^[a-zA-Z0-9_-]{2,50}$/ } },
    replaceOn: ["name", "kmsKeyArn", "region"],
  },
  [PLAN]: {
    autoname: { property: "name", maxLength: 50 },
    rules: {
      // https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRuleInput.html
      "rules[].ruleName": { pattern: /^[a-zA-Z0-9._-]{1,50}$/ },
      "rules[].schedule": { pattern: /^(cron|rate)\(.+\)$/ },
      "rules[].startWindow": { min: 60 },
      "rules[].lifecycle.deleteAfter": { min: 1 },
      "rules[].copyActions[].lifecycle.deleteAfter": { min: 1 },
    },
    refs: { "rules[].targetVaultName": VAULT, "rules[].copyActions[].destinationVaultArn": VAULT },
    check: ({ rules }) =>
      (rules as readonly Values[])
        .filter(({ startWindow, completionWindow }) => completionWindow < startWindow + 60)
        .map(
          ({ ruleName }) =>
            `InvalidParameterValueException: Invalid lifecycle. The completion window of ${ruleName} must be at least 60 minutes after its start window`,
        ),
    // A plan with selections cannot be deleted: API_DeleteBackupPlan.
    deleteBlockedBy: [SELECTION],
    id: (_, { random }) => random(32, "plan"),
  },
  [SELECTION]: {
    autoname: { property: "name", maxLength: 50 },
    refs: { planId: PLAN, iamRoleArn: ROLE },
    replaceOn: ["name", "planId", "iamRoleArn", "resources", "notResources", "conditions", "selectionTags"],
    id: (_, { random }) => random(32, "selection"),
    // https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/backup_selection#import
    importId: ({ planId }, id) => `${planId}|${id}`,
  },
};
