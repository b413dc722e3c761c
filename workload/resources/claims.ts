import { PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { refusal } from "../../config/refusal";
import { CACHE_CLAIM, WORKSPACE_CLAIM } from "../names";
import type { Run } from "../keys/runs";
import type { Scope } from "../scope";

/** Immutable fields of a bound claim: a change would replace the claim and delete the data. */
const IMMUTABLE = ["spec.accessModes", "spec.storageClassName"];

/** The size as requested: the server rewrites 1024Mi as 1Gi. */
const SIZE_ANNOTATION = "ralph-orchestrator/size";

interface Wanted {
  readonly logicalName: string;
  readonly claim: string;
  readonly accessMode: string;
  readonly storageClass: string;
  readonly size: string;
}

/** The claims of the volumes that outlive their pods (guide, section 3), except existing ones. */
export function claims(scope: Scope): PersistentVolumeClaim[] {
  return [...shared(scope), ...outputs(scope)].map((wanted) => persistentVolumeClaim(scope, wanted));
}

/** The claim of a run's results; undefined if they go with its pod. */
export const outputClaim = ({ name, output }: Run): string | undefined =>
  output === undefined ? undefined : (output.existingClaim ?? `${name}-output`);

/** One pod at a time uses it, so every class serves. */
const outputs = ({ name, config, traits }: Scope): Wanted[] =>
  [...config.tasks, ...config.schedules].flatMap((run) => {
    const { output } = run;
    if (output === undefined || output.existingClaim !== undefined) return [];
    return {
      logicalName: `${name}-output-${run.name}`,
      claim: `${run.name}-output`,
      accessMode: "ReadWriteOnce",
      storageClass: output.storageClass ?? traits.storageClass.rwo,
      size: output.size,
    };
  });

function shared({ name, config: { persistence }, traits }: Scope): Wanted[] {
  const { workspace, cache } = persistence;
  const classes = traits.storageClass;
  if (!persistence.enabled) return [];

  const many = workspace.accessMode === "ReadWriteMany";
  const own: Wanted[] = [];
  if (workspace.existingClaim === undefined) {
    own.push({
      logicalName: WORKSPACE_CLAIM.replace(/^ralph/, name),
      claim: WORKSPACE_CLAIM,
      accessMode: workspace.accessMode,
      storageClass: persistence.storageClass ?? (many ? (classes.rwx as string) : classes.rwo),
      size: workspace.size,
    });
  }
  if (cache.kind === "pvc" && cache.existingClaim === undefined) {
    own.push({
      logicalName: CACHE_CLAIM.replace(/^ralph/, name),
      claim: CACHE_CLAIM,
      accessMode: "ReadWriteMany",
      storageClass: cache.storageClass ?? (classes.rwx as string),
      size: cache.size,
    });
  }
  return own;
}

function persistentVolumeClaim({ metadata, options }: Scope, wanted: Wanted): PersistentVolumeClaim {
  const claim = new PersistentVolumeClaim(
    wanted.logicalName,
    {
      metadata: metadata(wanted.claim, undefined, readyOnceWritten(wanted.size)),
      spec: {
        accessModes: [wanted.accessMode],
        storageClassName: wanted.storageClass,
        resources: { requests: { storage: wanted.size } },
      },
    },
    options({ ignoreChanges: IMMUTABLE }),
  );
  warnOfKept(claim, wanted);
  return claim;
}

/**
 * `up` does not wait for a claim to be bound; the Deployment does. Providers before 4.27 wait for a claim with late
 * binding to be pending, which it never is again once a waiting pod has bound it (pulumi/pulumi-kubernetes#4179).
 * The condition includes the size because a list from the server's cache may show the claim before it was expanded:
 * that would be stored in the state, and the next `up` would expand it again.
 */
function readyOnceWritten(size: string): Record<string, string> {
  return {
    [SIZE_ANNOTATION]: size,
    "pulumi.com/waitFor": `jsonpath={.metadata.annotations['${SIZE_ANNOTATION}']}=${size}`,
  };
}

/**
 * Reports that an immutable field was kept, and how to migrate. A changed class is only a warning; a changed access
 * mode fails the run, because pods that are placed for it could not mount the volume.
 */
function warnOfKept(claim: PersistentVolumeClaim, wanted: Wanted): void {
  claim.spec.apply((spec) => {
    const mode = spec.accessModes?.join() ?? "";
    const kept = `${mode} on ${spec.storageClassName ?? ""}`;
    const requested = `${wanted.accessMode} on ${wanted.storageClass}`;
    if (kept === requested) return;
    const message = `${wanted.claim} stays ${kept}; ${requested} needs a new claim: copy the data, then set existingClaim.`;
    if (mode !== wanted.accessMode) throw refusal(message);
    void pulumi.log.warn(message, claim);
  });
}
