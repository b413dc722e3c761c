import { Namespace } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";

/** The oldest release this program supports: podFailurePolicy is stable from here on. */
const POD_SECURITY_VERSION = "v1.31";

/**
 * Whose it is. Another stack that wants the namespace has another value for the label, and the server tells it of a
 * conflict: else both would have it, and the first that is destroyed would delete what the other has in it.
 */
const owner = (): Record<string, string> => ({
  "ralph-orchestrator/stack": pulumi
    .getStack()
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, ""),
});

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
    { metadata: { name: wanted, labels: { ...owner(), ...Object.fromEntries(modes) } } },
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
