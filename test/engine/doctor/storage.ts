import { type Case, NAMESPACE, claim, event, onPod, pod } from "./case";

/** Claims and disks. */
export const STORAGE: readonly Case[] = [
  {
    what: "a pod whose claim nobody has made",
    objects: [
      pod({
        schedulerName: "default-scheduler",
        volumes: [{ name: "a", persistentVolumeClaim: { claimName: "none" } }],
      }),
    ],
    expected: [
      onPod("scheduling", /persistentvolumeclaim "none" not found/, /is not there/, "pulumi up --stack x"),
    ],
  },
  {
    what: "a claim of a class that is not there",
    objects: [claim({ storageClassName: "moon" })],
    expected: [
      {
        check: "claims",
        object: "PersistentVolumeClaim broken",
        what: /no storage class moon; those here: .*standard/,
        cause: /no class of that name/,
        fix: `kubectl -n ${NAMESPACE} delete pvc broken --wait=false`,
      },
    ],
  },
  {
    what: "a claim that its driver cannot make",
    objects: [
      {
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: { name: "broken" },
        provisioner: "nobody.test",
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
        cause: /no volume that many nodes mount/,
        fix: `kubectl -n ${NAMESPACE} describe pvc broken`,
      },
    ],
  },
  {
    what: "a disk that another node still has",
    objects: [pod(), event("Pod", "broken", "FailedAttachVolume", 'Multi-Attach error for volume "pvc-1"')],
    status: { phase: "Pending" },
    expected: [
      onPod(
        "mounts",
        /Multi-Attach/,
        /Another node/,
        "pulumi config set --path ralph:persistence.workspace.accessMode ReadWriteMany --stack x",
      ),
    ],
  },
];
