import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { dependencies } from "../../package.json";
import { cacheFolder, isBuiltBy } from "./cache";
import { BUILT_PROVIDER_VERSION } from "./pins";
import { run } from "../../lib/process";

/** The provider that the pinned npm SDK asks the engine for. */
export const SDK_VERSION = dependencies["@pulumi/kubernetes"];

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

const downloadHome = (): string => join(cacheFolder(), "pulumi-home");

/** Whether a provider is one of those built here. */
export const isBuilt = (file: string): boolean => isBuiltBy("kubernetes-provider", file);

/** The exact provider, where a user or an earlier run has it already. */
export function findExactProvider(): string | undefined {
  const userHome = process.env.PULUMI_HOME ?? join(homedir(), ".pulumi");
  return [userHome, downloadHome()]
    .map((home) => join(pluginFolder(home), PROVIDER))
    .find((file) => existsSync(file) && !isBuilt(file));
}

/**
 * Asks Pulumi to download the exact provider; undefined where that cannot be had. Bounded, because
 * building one is always possible.
 */
export async function downloadExactProvider(pulumi: string): Promise<string | undefined> {
  const { code } = await run(pulumi, ["plugin", "install", "resource", "kubernetes", SDK_VERSION], {
    env: { ...process.env, PULUMI_HOME: downloadHome(), PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeout: 90_000,
  });
  const file = join(pluginFolder(downloadHome()), PROVIDER);
  return code === 0 && existsSync(file) ? file : undefined;
}
