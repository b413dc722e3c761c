import { type Case, NAMESPACE, claim, event, onPod, pod } from "./case";

/** Claims and disks. */
export const STORAGE: readonly Case[] = [
  {
    what: "a pod whose claim does not exist",
    objects: [
      pod({
        schedulerName: "default-scheduler",
        volumes: [{ name: "a", persistentVolumeClaim: { claimName: "none" } }],
      }),
    ],
    expected: [
      onPod(
        "scheduling",
        /persistentvolumeclaim "none" not found/,
        /does not exist/,
        "pulumi up --stack patient",
      ),
    ],
  },
  {
    what: "a claim of a class that does not exist",
    objects: [claim({ storageClassName: "moon" })],
    expected: [
      {
        check: "claims",
        object: "PersistentVolumeClaim broken",
        what: /storage class moon does not exist; the cluster has: .*standard/,
        cause: /no such class/,
        fix: `kubectl -n ${NAMESPACE} delete pvc broken --wait=false`,
      },
    ],
  },
  {
    what: "a claim whose volume the driver cannot create",
    objects: [
      {
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: { name: "broken" },
        provisioner: "none.test",
        volumeBindingMode: "Immediate",
      },
      claim({ storageClassName: "broken", accessModes: ["ReadWriteMany"] }),
      event(
        "PersistentVolumeClaim",
        "broken",
        "ProvisioningFailed",
        "rpc error: access mode MULTI_NODE_MULTI_WRITER is not supported",
      ),
    ],
    expected: [
      {
        check: "claims",
        object: "PersistentVolumeClaim broken",
        what: /MULTI_NODE/,
        cause: /does not support volumes that several nodes mount/,
        fix: `kubectl -n ${NAMESPACE} describe pvc broken`,
      },
    ],
  },
  {
    what: "a disk that another node still holds",
    objects: [pod(), event("Pod", "broken", "FailedAttachVolume", 'Multi-Attach error for volume "pvc-1"')],
    status: { phase: "Pending" },
    expected: [
      onPod(
        "mounts",
        /Multi-Attach/,
        /Another node/,
        "pulumi config set --path ralph:persistence.workspace.accessMode ReadWriteMany --stack patient",
      ),
    ],
  },
];
