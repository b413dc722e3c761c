import * as pulumi from "@pulumi/pulumi";
import { type Finding, findIf, required } from "../../config/findings";
import type { Config } from "./config";

/** Profile in the AWS provider's configuration. */
export const configuredProfile = (): string | undefined => new pulumi.Config("aws").get("profile");

/** The identity that connects to the cluster; by default, that of the current user. */
export function credentials({ auth: { roleArn, profile } }: Config): {
  readonly roleArn?: string;
  readonly profileName?: string;
} {
  const profileName = profile ?? configuredProfile();
  return {
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(profileName === undefined ? {} : { profileName }),
  };
}

/**
 * Whether the kubeconfig would connect as another identity than the provider's, which creates the cluster and is the
 * only one with access. The AWS CLI reads the same environment and files as the provider, but none of these settings.
 */
export function checkCredentials({ auth }: Config): readonly Finding[] {
  if (auth.roleArn !== undefined || auth.profile !== undefined) return [];
  const reason = (key: string) =>
    `the kubeconfig's AWS CLI does not read aws:${key}, and would have no access`;
  const isSet = (key: string) => pulumi.runtime.getConfig(`aws:${key}`) !== undefined;
  const role = ASSUMING.find(isSet);
  return [
    ...findIf(role !== undefined, () =>
      required(["auth", "roleArn"], "<ARN of that role>", reason(role ?? "")),
    ),
    ...findIf(role === undefined && isSet("accessKey"), () =>
      required(["auth", "profile"], "<profile with that key>", reason("accessKey")),
    ),
  ];
}

const ASSUMING = ["assumeRoles", "assumeRoleWithWebIdentity"];
