import type { Repository } from "@pulumi/gcp/artifactregistry/repository";
import { RepositoryIamMember } from "@pulumi/gcp/artifactregistry/repositoryIamMember";
import { CryptoKeyIAMMember } from "@pulumi/gcp/kms/cryptoKeyIAMMember";
import { getProjectOutput } from "@pulumi/gcp/organizations/getProject";
import { IAMMember } from "@pulumi/gcp/projects/iammember";
import { ServiceIdentity } from "@pulumi/gcp/projects/serviceIdentity";
import { Account } from "@pulumi/gcp/serviceaccount/account";
import * as pulumi from "@pulumi/pulumi";
import { accountId } from "./config";
import type { Scope } from "./scope";

/** The service account of the nodes, in place of the project's default one, which has the role Editor. */
export interface Identity {
  readonly account: Account;
  /** Without them, nodes neither report their status nor pull the image. */
  readonly roles: readonly pulumi.Resource[];
}

/** An identity that may report logs, metrics and status, and pull the images of one repository. */
export function createIdentity(
  { name, config, project, region, description, options }: Scope,
  repository: Repository,
  dependsOn: pulumi.Resource[],
): Identity {
  const account = new Account(
    `${name}-nodes`,
    { accountId: accountId(config), displayName: `Nodes of the GKE cluster ${config.name}`, description },
    options({ dependsOn }),
  );
  const { member } = account;
  return {
    account,
    roles: [
      new IAMMember(
        `${name}-nodes-node`,
        { project, role: "roles/container.defaultNodeServiceAccount", member },
        options({ dependsOn }),
      ),
      new RepositoryIamMember(
        `${name}-nodes-registry`,
        {
          project,
          location: region,
          repository: repository.repositoryId,
          role: "roles/artifactregistry.reader",
          member,
        },
        options(),
      ),
    ],
  };
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
        role: KEY_USER,
        member: agent.member,
      },
      options({ dependsOn }),
    ),
  ];
}

const KEY_USER = "roles/cloudkms.cryptoKeyEncrypterDecrypter";

/**
 * Lets the agents of Compute Engine and Filestore use the key of new volumes. Creates nothing if no key is configured.
 * https://docs.cloud.google.com/kubernetes-engine/docs/how-to/using-cmek and https://docs.cloud.google.com/filestore/docs/cmek
 */
export function createVolumeKeyAccess(
  { name, config, project, options }: Scope,
  dependsOn: pulumi.Resource[],
): CryptoKeyIAMMember[] {
  const { kmsKey: cryptoKeyId, filestore } = config.storage;
  if (cryptoKeyId === undefined) return [];
  const grant = (suffix: string, member: pulumi.Input<string>) =>
    new CryptoKeyIAMMember(
      `${name}-${suffix}-key-access`,
      { cryptoKeyId, role: KEY_USER, member },
      options({ dependsOn }),
    );
  // It exists wherever the API is enabled, and cannot be asked for by service.
  const { number } = getProjectOutput({ projectId: project }, { dependsOn });
  const disks = grant(
    "disk",
    pulumi.interpolate`serviceAccount:service-${number}@compute-system.iam.gserviceaccount.com`,
  );
  if (!filestore.enabled) return [disks];
  const agent = new ServiceIdentity(
    `${name}-filestore-agent`,
    { project, service: "file.googleapis.com" },
    options({ dependsOn }),
  );
  return [disks, grant("filestore", agent.member)];
}
