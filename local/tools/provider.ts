import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { isBuiltBy } from "./cache";
import { BUILT_PROVIDER_VERSION, RELEASES } from "./pins";

/** The provider that the pinned npm SDK asks the engine for. */
export const SDK_VERSION = RELEASES.kubernetesProvider;

const PROVIDER = "pulumi-resource-kubernetes";

/** Where a PULUMI_HOME keeps that provider. */
export const pluginFolder = (pulumiHome: string): string =>
  join(pulumiHome, "plugins", `resource-kubernetes-v${SDK_VERSION}`);

export interface KubernetesProvider {
  /** What it says of itself. */
  readonly version: string;
  /** Whether this is the very version of the SDK; if not, the engine prints one warning that says so. */
  readonly exact: boolean;
}

export const EXACT: KubernetesProvider = { version: SDK_VERSION, exact: true };
export const BUILT: KubernetesProvider = { version: BUILT_PROVIDER_VERSION, exact: false };

/** Whether a provider is one of those built here. */
export const isBuilt = (file: string): boolean => isBuiltBy("kubernetes-provider", file);

/** The exact provider, where the user's own Pulumi has it already. */
export function findExactProvider(): string | undefined {
  const file = join(pluginFolder(process.env.PULUMI_HOME ?? join(homedir(), ".pulumi")), PROVIDER);
  return existsSync(file) && !isBuilt(file) ? file : undefined;
}
