import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

import { installedFolders, linkTools } from "./tools/bin";
import { installLanguageHost } from "./tools/language-host";
import { ENGINE_TOOLS } from "./tools/pins";
import { pluginFolder } from "./tools/provider";
import type { Toolchain } from "./tools/toolchain";
import { REPOSITORY } from "../lib/repository";

export type EngineTool = (typeof ENGINE_TOOLS)[number];

export interface EngineOptions {
  /** Folder of the run: contains state, plugins, links to programs, and the kubeconfig. */
  readonly dir: string;
  readonly toolchain: Toolchain<EngineTool>;
  /** Passphrase of the stack's secrets, or a file that contains it. */
  readonly passphrase: string | { readonly file: string };
  /** Folder of the Pulumi.yaml whose program runs. Default: the repository's. */
  readonly project?: string;
  /** KUBECONFIG of the run. Default: `kubeconfig` in `dir`, never the user's own. */
  readonly kubeconfig?: string;
  /**
   * Folder for temporary files, including the kubeconfig that the Kubernetes provider writes at every start and does
   * not delete. Default: `tmp` in `dir`.
   */
  readonly temporary?: string;
}

/**
 * The environment of an engine run that touches nothing outside `dir`: its own state, plugins, kubeconfig and temporary
 * files, and none of the user's Pulumi settings. Keeps the user's settings for clouds and proxies. Prepares the
 * folder's PULUMI_HOME.
 */
export function pulumiEnvironment(options: EngineOptions): NodeJS.ProcessEnv {
  // The engine and its plugins run for seconds. Collecting their garbage less often makes a preview of a hundred tasks
  // 10 % faster, for 60 MB per process.
  const own = { GOGC: "400", ...withoutPulumi(process.env), ...engineVariables(options) };
  const { dir, temporary = join(dir, "tmp") } = options;
  mkdirSync(temporary, { recursive: true, mode: 0o700 });
  return { ...own, TMPDIR: temporary };
}

/** The variables that a shell needs to work on the same stack by hand. */
export function engineVariables({
  dir,
  toolchain,
  passphrase,
  project = REPOSITORY,
  kubeconfig,
}: EngineOptions): Record<string, string> {
  const bin = linkTools(join(dir, "bin"), toolchain.paths);
  const pulumiHome = join(dir, "pulumi-home");
  installProvider(pulumiHome, toolchain.paths["pulumi-resource-kubernetes"]);
  installLanguageHost(pulumiHome, toolchain.paths["pulumi-language-nodejs"], project);
  disableEngineLogs(pulumiHome);
  const state = join(dir, "state");
  mkdirSync(state, { recursive: true });
  return {
    PATH: [bin, ...installedFolders()].join(delimiter),
    KUBECONFIG: kubeconfig ?? join(dir, "kubeconfig"),
    PULUMI_HOME: pulumiHome,
    PULUMI_BACKEND_URL: `file://${state}`,
    ...(typeof passphrase === "string"
      ? { PULUMI_CONFIG_PASSPHRASE: passphrase }
      : { PULUMI_CONFIG_PASSPHRASE_FILE: passphrase.file }),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_REGISTRY_RESOLVE: "true",
    // Use only plugins in PULUMI_HOME: one on PATH would be used in any version, with just a warning.
    PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
    // A machine that could not download this provider cannot download others: fail instead of waiting.
    ...(!toolchain.provider.exact && { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" }),
  };
}

/**
 * Links the provider where the engine looks for the SDK's version of it. A provider that was built here reports its
 * own, older version; the engine's warning about that is correct and stays visible.
 */
function installProvider(pulumiHome: string, provider: string): void {
  const folder = pluginFolder(pulumiHome);
  mkdirSync(folder, { recursive: true });
  const link = join(folder, "pulumi-resource-kubernetes");
  rmSync(link, { force: true });
  symlinkSync(provider, link);
}

/**
 * The engine also logs everything to PULUMI_HOME/logs, which takes 20 % of a preview's time and cannot be turned off.
 * If a file is in the place of that folder, the engine runs without the log.
 */
function disableEngineLogs(pulumiHome: string): void {
  const logs = join(pulumiHome, "logs");
  if (statSync(logs, { throwIfNoEntry: false })?.isFile() === true) return;
  rmSync(logs, { recursive: true, force: true });
  writeFileSync(logs, "");
}

function withoutPulumi(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("PULUMI_")));
}
