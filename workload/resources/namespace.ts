import { Namespace } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { GITOPS_LABEL, gitopsLabel, isToolsOwn } from "../gitops";
import type { RalphConfig } from "../keys";
import { STACK_LABEL, stackLabel } from "../../lib/stack-label";

/** The oldest supported release, the first with a stable podFailurePolicy. */
const POD_SECURITY_VERSION = "v1.31";

/**
 * The stack that owns the namespace. The provider creates no namespace that exists; if the user lets it adopt existing
 * objects, another stack's value is a conflict. Otherwise both would own it, and destroying one would delete the objects of
 * the other.
 */
const owner = (): Record<string, string> => ({ [STACK_LABEL]: stackLabel(pulumi.getStack()) });

/**
 * The namespace, which rejects every pod that is not `restricted`. Its name never changes: a replacement would delete
 * all volumes in it.
 */
export function namespace(
  name: string,
  config: RalphConfig,
  options: pulumi.CustomResourceOptions,
): Namespace {
  const wanted = config.namespace;
  const modes = ["enforce", "audit", "warn"].flatMap((mode) => [
    [`pod-security.kubernetes.io/${mode}`, "restricted"],
    [`pod-security.kubernetes.io/${mode}-version`, POD_SECURITY_VERSION],
  ]);
  const created = new Namespace(
    name,
    {
      metadata: {
        name: wanted,
        labels: { ...owner(), ...Object.fromEntries(modes), ...gitopsLabel(config) },
      },
    },
    {
      ...options,
      ignoreChanges: ["metadata.name", ...(isToolsOwn(config) ? [`metadata.labels["${GITOPS_LABEL}"]`] : [])],
    },
  );
  created.metadata.name.apply((kept) => {
    if (kept !== wanted) {
      void pulumi.log.warn(
        `Namespace ${kept} cannot be renamed to ${wanted}: use a new stack, and move the data.`,
        created,
      );
    }
  });
  return created;
}
