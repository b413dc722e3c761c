/** The kubeconfig of the configuration that tests start from. */
export const KUBECONFIG = "test/support/kubeconfig.yaml";

/** A configuration by its top-level keys, as in a stack file but without the prefix `ralph:`. */
export type StackConfig = Readonly<Record<string, unknown>>;

/** The minimal configuration that creates all objects. */
export const BASE = {
  cloud: "existing",
  cluster: { kubeconfig: KUBECONFIG, storageClass: { rwo: "standard", rwx: "standard-rwx" } },
} as const satisfies StackConfig;
