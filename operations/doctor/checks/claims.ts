import type { V1PersistentVolumeClaim, V1StorageClass } from "@kubernetes/client-node";

import { CACHE_CLAIM, COMPONENT_LABEL } from "../../../workload/names";
import { called, latest } from "../pods";
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
      const object = called("PersistentVolumeClaim", claim);
      const name = claim.metadata?.name ?? "";
      const failure = latest(events, ["ProvisioningFailed", "FailedBinding"], "PersistentVolumeClaim", name);
      const many = claim.spec?.accessModes?.includes("ReadWriteMany") === true;
      const key = name === CACHE_CLAIM ? "persistence.cache.storageClass" : "persistence.storageClass";
      const classes = storageClasses.map(({ metadata }) => metadata?.name).join(", ") || "none";
      // The class of a claim cannot be changed: a claim without a volume has nothing to lose.
      const anew = [
        kubectl(`delete pvc ${name} --wait=false`),
        kubectl(`delete pods -l ${COMPONENT_LABEL}=worker`),
        // Without it the engine takes the claim for one that is there.
        refresh,
        up,
      ];
      const withoutRwx = many && name === CACHE_CLAIM ? [set("persistence.cache.kind", "emptyDir")] : [];

      if (claim.status?.phase === "Lost")
        return [
          {
            object,
            what: `Lost: volume ${claim.spec?.volumeName} is gone, and its data with it`,
            cause: "Somebody deleted the volume or its disk.",
            fix: anew,
          },
        ];
      if (claim.status?.phase !== "Pending") return [];
      const storage = classOf(claim, storageClasses);
      if (storage === undefined)
        return [
          {
            object,
            what: `Pending: ${claim.spec?.storageClassName === undefined ? "it names no storage class and none is the default" : `there is no storage class ${claim.spec.storageClassName}`}; those here: ${classes}`,
            cause: many
              ? "The cluster has no class of that name for volumes that many nodes mount."
              : "The cluster has no class of that name.",
            fix: [...withoutRwx, set(key, storageClasses[0]?.metadata?.name ?? "<class>"), ...anew],
          },
        ];
      if (failure !== undefined)
        return [
          {
            object,
            what: `Pending: ${failure.message?.trim().split("\n")[0]}`,
            cause: /access mode|ReadWriteMany|MULTI_NODE/i.test(failure.message ?? "")
              ? `The driver of class ${storage.metadata?.name} makes no volume that many nodes mount.`
              : /quota|limit|exceeded/i.test(failure.message ?? "")
                ? "The cloud's quota has no room for this disk."
                : `The driver of class ${storage.metadata?.name} could not make the volume.`,
            fix: [...withoutRwx, kubectl(`describe pvc ${name}`), ...anew],
          },
        ];
      // It waits for its first pod, as its class says: no fault as long as none is there.
      if (storage.volumeBindingMode === "WaitForFirstConsumer" && !mounted.has(name)) return [];
      return [
        {
          object,
          what: `Pending: ${storage.provisioner} has not made the volume of class ${storage.metadata?.name}`,
          cause:
            storage.volumeBindingMode === "WaitForFirstConsumer"
              ? "It waits for its first pod to be placed, or its driver does not run."
              : "Its driver does not run, or still works on it.",
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
