import * as pulumi from "@pulumi/pulumi";
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
