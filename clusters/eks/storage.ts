import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import { FileSystem } from "@pulumi/aws/efs/fileSystem";
import { MountTarget } from "@pulumi/aws/efs/mountTarget";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule";
import * as pulumi from "@pulumi/pulumi";
import type { StorageClassSpec } from "../types";
import type { ControlPlane } from "./control-plane";
import type { Network } from "./network";
import type { Scope } from "./scope";
import { KEY_CLASS, RWO_CLASS, RWX_CLASS } from "./traits";

const NFS = 2049;
/** UID and GID of the pods that mount a volume; the access point makes them the owner of every file. */
const POD_ID = "1000";

const DISK = { type: "gp3", encrypted: "true" };

export interface Storage {
  readonly classes: readonly StorageClassSpec[];
  /** What a pod needs in order to mount a volume. */
  readonly mounts: readonly pulumi.Resource[];
}

/**
 * Creates what the storage classes need. A ReadWriteOnce claim gets a disk, a ReadWriteMany claim an access point
 * of one file system, which grows as needed.
 */
export function createStorage(
  scope: Scope,
  { network, controlPlane }: { readonly network: Network; readonly controlPlane: ControlPlane },
): Storage {
  const { name, config, tags, named, options } = scope;
  const { kmsKey } = config.storage;
  const fileSystem = new FileSystem(
    name,
    {
      encrypted: true,
      ...(kmsKey === undefined ? {} : { kmsKeyId: kmsKey }),
      throughputMode: "elastic",
      tags: named(""),
    },
    // Another key would replace it, with every file.
    options({ ignoreChanges: ["kmsKeyId"] }),
  );
  if (kmsKey !== undefined) warnOfKept(fileSystem, kmsKey);
  const group = new SecurityGroup(
    `${name}-efs`,
    { description: "NFS from the nodes", vpcId: network.vpcId, tags: named("-efs") },
    options({ customTimeouts: { delete: "30m" } }),
  );
  const rule = new SecurityGroupIngressRule(
    `${name}-efs`,
    {
      securityGroupId: group.id,
      referencedSecurityGroupId: controlPlane.securityGroupId,
      ipProtocol: "tcp",
      fromPort: NFS,
      toPort: NFS,
      description: "NFS from the nodes",
      tags,
    },
    options(),
  );
  const targets = Object.entries(network.privateSubnets).map(
    ([letter, { id: subnetId }]) =>
      new MountTarget(
        `${name}-${letter}`,
        { fileSystemId: fileSystem.id, subnetId, securityGroups: [group.id] },
        options({ customTimeouts: { create: "30m", delete: "30m" } }),
      ),
  );
  return {
    classes: [
      {
        name: RWO_CLASS,
        provisioner: "ebs.csi.aws.com",
        parameters: DISK,
      },
      ...(kmsKey === undefined
        ? []
        : [{ name: KEY_CLASS, provisioner: "ebs.csi.aws.com", parameters: { ...DISK, kmsKeyId: kmsKey } }]),
      {
        name: RWX_CLASS,
        provisioner: "efs.csi.aws.com",
        // A file system grows by itself; the driver has no resizer.
        expandable: false,
        parameters: {
          provisioningMode: "efs-ap",
          fileSystemId: fileSystem.id,
          directoryPerms: "700",
          uid: POD_ID,
          gid: POD_ID,
        },
      },
    ],
    mounts: [rule, ...targets],
  };
}

function warnOfKept(fileSystem: FileSystem, wanted: string): void {
  pulumi.all([fileSystem.id, fileSystem.kmsKeyId]).apply(([id, kept]) => {
    if (kept === wanted) return;
    void pulumi.log.warn(
      `File system ${id} of the class ${RWX_CLASS} stays encrypted with ${kept}: its key cannot change. ` +
        "ralph:cluster.storage.kmsKey applies to new disks, and to shared volumes of a new stack.",
      fileSystem,
    );
  });
}
