import { PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { refusal } from "../../config/refusal";
import { CACHE_CLAIM, WORKSPACE_CLAIM } from "../names";
import type { Scope } from "../scope";

/** A bound claim cannot change these, so a change would replace it and delete the data. */
const FIXED = ["spec.accessModes", "spec.storageClassName"];

/** The size as it was asked for: the server writes 1024Mi as 1Gi. */
const SIZE_ANNOTATION = "ralph-orchestrator/size";

interface Wanted {
  readonly claim: string;
  readonly accessMode: string;
  readonly storageClass: string;
  readonly size: string;
}

/** The volumes that outlive their pods (guide, section 3), but for those that exist already. */
export function claims(scope: Scope): PersistentVolumeClaim[] {
  const { persistence } = scope.config;
  const { workspace, cache } = persistence;
  const classes = scope.traits.storageClass;
  if (!persistence.enabled) return [];

  const many = workspace.accessMode === "ReadWriteMany";
  const own: Wanted[] = [];
  if (workspace.existingClaim === undefined) {
    own.push({
      claim: WORKSPACE_CLAIM,
      accessMode: workspace.accessMode,
      storageClass: persistence.storageClass ?? (many ? (classes.rwx as string) : classes.rwo),
      size: workspace.size,
    });
  }
  if (cache.kind === "pvc" && cache.existingClaim === undefined) {
    own.push({
      claim: CACHE_CLAIM,
      accessMode: "ReadWriteMany",
      storageClass: cache.storageClass ?? (classes.rwx as string),
      size: cache.size,
    });
  }
  return own.map((wanted) => persistentVolumeClaim(scope, wanted));
}

function persistentVolumeClaim({ name, metadata, options }: Scope, wanted: Wanted): PersistentVolumeClaim {
  const claim = new PersistentVolumeClaim(
    wanted.claim.replace(/^ralph/, name),
    {
      metadata: { ...metadata(wanted.claim), annotations: readyOnceWritten(wanted.size) },
      spec: {
        accessModes: [wanted.accessMode],
        storageClassName: wanted.storageClass,
        resources: { requests: { storage: wanted.size } },
      },
    },
    options({ ignoreChanges: FIXED }),
  );
  warnOfFixed(claim, wanted);
  return claim;
}

/**
 * The Deployment waits for its claims, and `up` need not. Providers before 4.27 wait for a claim of a class that
 * binds late to be pending, which one that a waiting pod has bound never is again (pulumi/pulumi-kubernetes#4179).
 * The size is in it because a list from the server's cache may show the claim as it was before it grew: that
 * would go into the state, and the next `up` would grow it once more.
 */
function readyOnceWritten(size: string): Record<string, string> {
  return {
    [SIZE_ANNOTATION]: size,
    "pulumi.com/waitFor": `jsonpath={.metadata.annotations['${SIZE_ANNOTATION}']}=${size}`,
  };
}

/**
 * Ignored is not unsaid: tells that the claim is still what it was, and how to move. Another class only waits
 * for that; another access mode fails the run, since pods placed for it could not mount what there is.
 */
function warnOfFixed(claim: PersistentVolumeClaim, wanted: Wanted): void {
  claim.spec.apply((spec) => {
    const mode = spec.accessModes?.join() ?? "";
    const kept = `${mode} on ${spec.storageClassName ?? ""}`;
    const asked = `${wanted.accessMode} on ${wanted.storageClass}`;
    if (kept === asked) return;
    const told = `${wanted.claim} stays ${kept}; ${asked} takes a new claim: copy the data, then set existingClaim.`;
    if (mode !== wanted.accessMode) throw refusal(told);
    void pulumi.log.warn(told, claim);
  });
}
