import type { V1PersistentVolumeClaim, V1StorageClass } from "@kubernetes/client-node";

import { CACHE_CLAIM, COMPONENT_LABEL } from "../../../workload/names";
import { objectName, latest } from "../pods";
import { check, type Finding } from "../types";

const DEFAULT = "storageclass.kubernetes.io/is-default-class";

/** Claims without a volume. */
export const claims = check({
  name: "claims",
  needs: ["claims", "pods", "events", "storageClasses"],
  look({ claims, pods, events, storageClasses }, { set, up, refresh, kubectl }) {
    const mounted = new Set(
      pods.flatMap(({ spec }) =>
        (spec?.volumes ?? []).map((volume) => volume.persistentVolumeClaim?.claimName),
      ),
    );
    return claims.flatMap((claim): Finding[] => {
      const object = objectName("PersistentVolumeClaim", claim);
      const name = claim.metadata?.name ?? "";
      const failure = latest(events, ["ProvisioningFailed", "FailedBinding"], "PersistentVolumeClaim", name);
      const many = claim.spec?.accessModes?.includes("ReadWriteMany") === true;
      const key = name === CACHE_CLAIM ? "persistence.cache.storageClass" : "persistence.storageClass";
      const classes = storageClasses.map(({ metadata }) => metadata?.name).join(", ") || "none";
      // A claim's class is immutable, and a claim without a volume holds no data.
      const recreate = [
        kubectl(`delete pvc ${name} --wait=false`),
        kubectl(`delete pods -l ${COMPONENT_LABEL}=worker`),
        // Without it the engine believes that the claim still exists.
        refresh,
        up,
      ];
      const withoutRwx = many && name === CACHE_CLAIM ? [set("persistence.cache.kind", "emptyDir")] : [];

      if (claim.status?.phase === "Lost")
        return [
          {
            object,
            what: `Lost: volume ${claim.spec?.volumeName} no longer exists, and neither does its data`,
            cause: "The volume or its disk was deleted.",
            fix: recreate,
          },
        ];
      if (claim.status?.phase !== "Pending") return [];
      const storage = classOf(claim, storageClasses);
      if (storage === undefined)
        return [
          {
            object,
            what: `Pending: ${claim.spec?.storageClassName === undefined ? "it names no storage class, and the cluster has no default" : `storage class ${claim.spec.storageClassName} does not exist`}; the cluster has: ${classes}`,
            cause: many
              ? "The cluster has no such class for volumes that several nodes mount."
              : "The cluster has no such class.",
            fix: [...withoutRwx, set(key, storageClasses[0]?.metadata?.name ?? "<class>"), ...recreate],
          },
        ];
      if (failure !== undefined)
        return [
          {
            object,
            what: `Pending: ${failure.message?.trim().split("\n")[0]}`,
            cause: /access mode|ReadWriteMany|MULTI_NODE/i.test(failure.message ?? "")
              ? `The driver of class ${storage.metadata?.name} does not support volumes that several nodes mount.`
              : /quota|limit|exceeded/i.test(failure.message ?? "")
                ? "The cloud's quota does not allow this disk."
                : `The driver of class ${storage.metadata?.name} could not create the volume.`,
            fix: [...withoutRwx, kubectl(`describe pvc ${name}`), ...recreate],
          },
        ];
      // By its class it waits for its first pod, which is fine until there is one.
      if (storage.volumeBindingMode === "WaitForFirstConsumer" && !mounted.has(name)) return [];
      return [
        {
          object,
          what: `Pending: ${storage.provisioner} has not created the volume of class ${storage.metadata?.name}`,
          cause:
            storage.volumeBindingMode === "WaitForFirstConsumer"
              ? "It waits for its first pod to be scheduled, or its driver is not running."
              : "Its driver is not running, or is still creating the volume.",
          fix: [kubectl(`describe pvc ${name}`), "kubectl get pods -n kube-system"],
        },
      ];
    });
  },
});

const classOf = (
  { spec }: V1PersistentVolumeClaim,
  classes: readonly V1StorageClass[],
): V1StorageClass | undefined =>
  classes.find(({ metadata }) =>
    spec?.storageClassName === undefined
      ? metadata?.annotations?.[DEFAULT] === "true"
      : metadata?.name === spec.storageClassName,
  );
