import { Namespace } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";

/** The oldest release this program supports: podFailurePolicy is stable from here on. */
const POD_SECURITY_VERSION = "v1.31";

/**
 * The namespace, which refuses every pod that is not `restricted`. Its name is kept once it is made:
 * another name would delete all volumes with the old one.
 */
export function namespace(name: string, wanted: string, options: pulumi.CustomResourceOptions): Namespace {
  const modes = ["enforce", "audit", "warn"].flatMap((mode) => [
    [`pod-security.kubernetes.io/${mode}`, "restricted"],
    [`pod-security.kubernetes.io/${mode}-version`, POD_SECURITY_VERSION],
  ]);
  const made = new Namespace(
    name,
    { metadata: { name: wanted, labels: Object.fromEntries(modes) as Record<string, string> } },
    { ...options, ignoreChanges: ["metadata.name"] },
  );
  made.metadata.name.apply((kept) => {
    if (kept !== wanted) {
      void pulumi.log.warn(
        `Namespace ${kept} cannot become ${wanted}: use a new stack, and move the data.`,
        made,
      );
    }
  });
  return made;
}
