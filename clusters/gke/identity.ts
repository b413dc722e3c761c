import { CryptoKeyIAMMember } from "@pulumi/gcp/kms/cryptoKeyIAMMember";
import { IAMMember } from "@pulumi/gcp/projects/iammember";
import { ServiceIdentity } from "@pulumi/gcp/projects/serviceIdentity";
import { Account } from "@pulumi/gcp/serviceaccount/account";
import type * as pulumi from "@pulumi/pulumi";
import { accountId } from "./config";
import type { Scope } from "./scope";

/** Logs, metrics and node status; and images of the project's registries, gcr.io included. */
const NODE_ROLES = {
  node: "roles/container.defaultNodeServiceAccount",
  registry: "roles/artifactregistry.reader",
} as const;

/** The service account of the nodes, in place of the project's default one, which has the role Editor. */
export interface Identity {
  readonly account: Account;
  /** Without them, nodes neither report their status nor pull images. */
  readonly roles: readonly IAMMember[];
}

export function createIdentity(
  { name, config, project, options }: Scope,
  dependsOn: pulumi.Resource[],
): Identity {
  const account = new Account(
    `${name}-nodes`,
    { accountId: accountId(config), displayName: `Nodes of the GKE cluster ${config.name}` },
    options({ dependsOn }),
  );
  const roles = Object.entries(NODE_ROLES).map(
    ([suffix, role]) =>
      new IAMMember(
        `${name}-nodes-${suffix}`,
        { project, role, member: account.member },
        options({ dependsOn }),
      ),
  );
  return { account, roles };
}

/** Lets GKE's service agent use the key that encrypts Secrets. Creates nothing if no key is configured. */
export function createKeyAccess(
  { name, config, project, options }: Scope,
  dependsOn: pulumi.Resource[],
): CryptoKeyIAMMember[] {
  if (config.kmsKey === undefined) return [];
  const agent = new ServiceIdentity(
    `${name}-gke-agent`,
    { project, service: "container.googleapis.com" },
    options({ dependsOn }),
  );
  return [
    new CryptoKeyIAMMember(
      `${name}-key-access`,
      {
        cryptoKeyId: config.kmsKey,
        role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member: agent.member,
      },
      options({ dependsOn }),
    ),
  ];
}
