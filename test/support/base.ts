/** Of the configuration that tests start from. */
export const KUBECONFIG = "test/support/kubeconfig.yaml";

/** A configuration by its top-level keys, as a stack file holds it but without the prefix `ralph:`. */
export type StackConfig = Readonly<Record<string, unknown>>;

/** The least that a stack must say for all objects to be there. */
export const BASE = {
  cloud: "existing",
  cluster: { kubeconfig: KUBECONFIG, storageClass: { rwo: "standard", rwx: "standard-rwx" } },
} as const satisfies StackConfig;
