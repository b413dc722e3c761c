import { RoleAssignment } from "@pulumi/azure-native/authorization";
import * as pulumi from "@pulumi/pulumi";
import type { Scope } from "./scope";

/** Ids of Azure built-in roles. */
export const ROLES = {
  networkContributor: "4d97b98b-1d4f-4787-a291-c67834d212e7",
  reader: "acdd72a7-3385-48ef-bd42-f606fba818ae",
  clusterAdmin: "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
  managedIdentityOperator: "f1a07417-d97a-45cb-824c-7a7467783830",
  acrPull: "7f951dda-4ed3-4680-a7ca-43fe172d538d",
  foundryUser: "53ca6127-db72-4b80-b1b0-d745d6d5456d",
  diskSnapshotContributor: "7efff54f-a5b4-42b5-a1c5-5411624893ce",
  keyVaultSecretsUser: "4633458b-17de-408a-b874-0445c86b69e6",
  keyVaultCryptoUser: "12338af0-0e69-4776-bea7-57ae8d297424",
} as const;

/** A role of one principal on one scope. */
export interface Grant {
  readonly role: keyof typeof ROLES;
  readonly to: pulumi.Input<string>;
  /** If undefined, Azure looks the principal up, and fails to find one that was created moments before. */
  readonly type: "User" | "Group" | "ServicePrincipal";
  readonly on: pulumi.Input<string>;
}

export function createGrant(
  { name, group, options }: Scope,
  suffix: string,
  { role, to, type, on }: Grant,
): RoleAssignment {
  // A role's id includes the subscription of what it is on. All but a resource of the user's is in the group's.
  const place = typeof on === "string" ? pulumi.output(on) : group.id;
  const subscription = place.apply((id) => id.split(/\/resourceGroups\//i)[0] ?? "");
  return new RoleAssignment(
    `${name}-${suffix}`,
    {
      roleDefinitionId: pulumi.interpolate`${subscription}/providers/Microsoft.Authorization/roleDefinitions/${ROLES[role]}`,
      principalId: to,
      principalType: type,
      scope: on,
    },
    options(),
  );
}

/**
 * Makes every member of `admins` an administrator of the cluster's Kubernetes API. Granted on the resource group:
 * a role on the cluster itself could only be assigned after it exists, and not removed while the lock is on.
 */
export const createAdmins = (scope: Scope): RoleAssignment[] =>
  scope.config.admins.map(({ objectId, type }) =>
    createGrant(scope, `admin-${objectId}`, { role: "clusterAdmin", to: objectId, type, on: scope.group.id }),
  );
