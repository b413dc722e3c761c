import { spawnSync } from "node:child_process";
import * as pulumi from "@pulumi/pulumi";
import { AWS_CLI } from "./kubeconfig";
import { configuredRegion } from "./location";

interface AssumedRole {
  readonly roleArn: string;
  readonly externalId?: string;
  readonly sessionName?: string;
}

type Variables = Readonly<Record<string, string>>;

/** A call that takes longer hangs. */
const TIMEOUT = 15 * 60_000;

/**
 * Runs the AWS CLI with the credentials of the AWS provider, for what the provider has no resource for. It blocks, and
 * throws if the CLI fails: an input that is rejected later would end the program early, and an engine deletes what a
 * program that ended has not registered.
 */
export const aws = (...words: string[]): string => call(words, credentials());

/** Whether a cluster exists. A run asks once: it starts the CLI, which takes a second. */
export function clusterExists(name: string): boolean {
  const known = existence.get(name) ?? ask("eks", "describe-cluster", "--name", name) !== undefined;
  existence.set(name, known);
  return known;
}
const existence = new Map<string, boolean>();

/** Whether a node group exists; asked once, too. */
export function groupExists(cluster: string, group: string): boolean {
  const names = ["--cluster-name", cluster, "--nodegroup-name", group];
  const id = names.join(" ");
  const known =
    existence.get(id) ?? (clusterExists(cluster) && ask("eks", "describe-nodegroup", ...names) !== undefined);
  existence.set(id, known);
  return known;
}

/** The credentials of the provider. A run assumes a role once, for an hour. */
function credentials(): Variables {
  assumed ??= assumedRoles().reduce((before, role) => assume(role, before), configuredCredentials());
  return assumed;
}
let assumed: Variables | undefined;

/** The AWS CLI's answer to a question about one thing; undefined if that does not exist. */
export function ask<T>(...words: string[]): T | undefined {
  try {
    return JSON.parse(aws(...words)) as T;
  } catch (error) {
    if (/\(ResourceNotFoundException\)/.test((error as Error).message)) return undefined;
    throw error;
  }
}

function call(words: readonly string[], credentials: Variables): string {
  const region = configuredRegion();
  const { status, stdout, stderr, error } = spawnSync(
    AWS_CLI.command,
    [...words, ...(region === undefined ? [] : ["--region", region]), "--output", "json"],
    { env: { ...process.env, ...credentials }, timeout: TIMEOUT, encoding: "utf8" },
  );
  if (status !== 0)
    throw new pulumi.RunError(
      `aws ${words.slice(0, 2).join(" ")} failed: ${error?.message ?? stderr.trim()}`,
    );
  return stdout;
}

/** What the provider's configuration sets. Without it, provider and CLI read the same environment and files. */
function configuredCredentials(): Variables {
  // Not by pulumi.Config, which warns of a secret that is read as text.
  const of = (variable: string, key: string): Variables => {
    const value = pulumi.runtime.getConfig(`aws:${key}`);
    return value === undefined ? {} : { [variable]: value };
  };
  return {
    ...of("AWS_PROFILE", "profile"),
    ...of("AWS_ACCESS_KEY_ID", "accessKey"),
    ...of("AWS_SECRET_ACCESS_KEY", "secretKey"),
    ...of("AWS_SESSION_TOKEN", "token"),
  };
}

const assumedRoles = (): readonly AssumedRole[] =>
  new pulumi.Config("aws").getObject<readonly AssumedRole[]>("assumeRoles") ?? [];

function assume(
  { roleArn, externalId, sessionName = "pulumi" }: AssumedRole,
  credentials: Variables,
): Variables {
  const answer = call(
    [
      ...["sts", "assume-role", "--role-arn", roleArn, "--role-session-name", sessionName],
      ...(externalId === undefined ? [] : ["--external-id", externalId]),
    ],
    credentials,
  );
  const { Credentials } = JSON.parse(answer) as {
    Credentials: { AccessKeyId: string; SecretAccessKey: string; SessionToken: string };
  };
  return {
    AWS_ACCESS_KEY_ID: Credentials.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: Credentials.SecretAccessKey,
    AWS_SESSION_TOKEN: Credentials.SessionToken,
  };
}
