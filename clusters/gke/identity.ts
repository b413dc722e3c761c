import { CryptoKeyIAMMember } from "@pulumi/gcp/kms/cryptoKeyIAMMember";
import { IAMMember } from "@pulumi/gcp/projects/iammember";
import { ServiceIdentity } from "@pulumi/gcp/projects/serviceIdentity";
import { Account } from "@pulumi/gcp/serviceaccount/account";
import type * as pulumi from "@pulumi/pulumi";
import { accountId, type Config } from "./config";

/** Logs, metrics and node status; and images of the project's registries, gcr.io among them. */
const NODE_ROLES = {
  node: "roles/container.defaultNodeServiceAccount",
  registry: "roles/artifactregistry.reader",
} as const;

/** The identity of the nodes, which a project's default one with its role Editor must not be. */
export interface NodeIdentity {
  readonly account: Account;
  /** Without them nodes neither report nor pull. */
  readonly roles: readonly IAMMember[];
}

export function createNodeIdentity(
  name: string,
  config: Config,
  project: string,
  dependsOn: pulumi.Resource[],
  parent: pulumi.Resource,
): NodeIdentity {
  const account = new Account(
    `${name}-nodes`,
    { accountId: accountId(config), displayName: `Nodes of the GKE cluster ${config.name}` },
    { parent, dependsOn },
  );
  const roles = Object.entries(NODE_ROLES).map(
    ([suffix, role]) =>
      new IAMMember(
        `${name}-nodes-${suffix}`,
        { project, role, member: account.member },
        { parent, dependsOn },
      ),
  );
  return { account, roles };
}

/** Lets GKE's own service agent use the key that encrypts Secrets. */
export function grantKey(
  name: string,
  cryptoKeyId: string,
  project: string,
  dependsOn: pulumi.Resource[],
  parent: pulumi.Resource,
): CryptoKeyIAMMember {
  const agent = new ServiceIdentity(
    `${name}-gke-agent`,
    { project, service: "container.googleapis.com" },
    { parent, dependsOn },
  );
  return new CryptoKeyIAMMember(
    `${name}-key-access`,
    { cryptoKeyId, role: "roles/cloudkms.cryptoKeyEncrypterDecrypter", member: agent.member },
    { parent, dependsOn },
  );
}
