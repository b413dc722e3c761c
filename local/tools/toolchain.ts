import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

import { build, buildFolder, estimateMinutes, type Go, inspectGo, missingSteps } from "./build";
import { cacheFolder } from "./cache";
import { ToolError } from "../../lib/errors";
import { type BuildName, BUILDS, GO, GO_INSTALL, type Tool, TOOL_NAMES, TOOLS } from "./pins";
import { Progress } from "../../lib/progress";
import {
  BUILT,
  downloadExactProvider,
  EXACT,
  findExactProvider,
  isBuilt,
  type KubernetesProvider,
} from "./provider";
import { findUsable, onPath } from "./versions";

/** Programs ready to run, by absolute path. */
export interface Toolchain<T extends Tool = Tool> {
  readonly paths: Readonly<Record<T, string>>;
  readonly provider: KubernetesProvider;
}

/**
 * Makes the named tools available: what is on PATH in a usable version is used, the rest is built by Go,
 * once, into a cache folder of the user. Prints progress to standard error only if something is built.
 *
 * @throws ToolError naming everything that is missing, when there is no Go to build it.
 */
export async function ensureToolchain<T extends Tool = Tool>(
  tools: readonly T[] = TOOL_NAMES as readonly Tool[] as readonly T[],
): Promise<Toolchain<T>> {
  const [found, goPath] = await Promise.all([findInstalled(tools), findUsable("go", GO)]);
  const absent = tools.filter((tool) => !found.has(tool));
  if (absent.length > 0) {
    if (goPath === undefined) throw new ToolError(missingMessage(absent));
    await buildAbsent(absent, found, await inspectGo(goPath));
  }
  return toolchainOf(tools, found);
}

/** The same without building: undefined if any of them is neither installed nor built. */
export async function findToolchain<T extends Tool>(tools: readonly T[]): Promise<Toolchain<T> | undefined> {
  const [found, goPath] = await Promise.all([findInstalled(tools), findUsable("go", GO)]);
  const absent = tools.filter((tool) => !found.has(tool));
  if (absent.length > 0) {
    if (goPath === undefined) return undefined;
    const go = await inspectGo(goPath);
    if (absent.some((tool) => missingSteps(TOOLS[tool].build, go).length > 0)) return undefined;
    addBuilt(absent, found, go);
  }
  return toolchainOf(tools, found);
}

function toolchainOf<T extends Tool>(tools: readonly T[], found: ReadonlyMap<Tool, string>): Toolchain<T> {
  const provider = found.get("pulumi-resource-kubernetes");
  return {
    paths: Object.fromEntries(tools.map((tool) => [tool, found.get(tool)])) as Record<T, string>,
    provider: provider !== undefined && isBuilt(provider) ? BUILT : EXACT,
  };
}

/** The tools that this machine has already, all asked at the same time. */
async function findInstalled(tools: readonly Tool[]): Promise<Map<Tool, string>> {
  const found = new Map<Tool, string>();
  await Promise.all(
    tools.map(async (tool) => {
      const { usable } = TOOLS[tool];
      const path = usable === undefined ? undefined : await findUsable(tool, usable);
      if (path !== undefined) found.set(tool, path);
    }),
  );

  // The engine and its language host are one distribution: taken together or built together.
  const pulumi = found.get("pulumi");
  const host = pulumi === undefined ? undefined : hostOf(pulumi);
  if (host === undefined) found.delete("pulumi");
  else if (tools.includes("pulumi-language-nodejs")) found.set("pulumi-language-nodejs", host);

  const provider = findExactProvider();
  if (provider !== undefined && tools.includes("pulumi-resource-kubernetes")) {
    found.set("pulumi-resource-kubernetes", provider);
  }
  return found;
}

/** The language host of an installed engine: beside the real file, or on PATH where pulumi is a shim. */
function hostOf(pulumi: string): string | undefined {
  const name = "pulumi-language-nodejs";
  return [join(dirname(realpathSync(pulumi)), name), ...onPath(name)].find((file) => existsSync(file));
}

async function buildAbsent(absent: readonly Tool[], found: Map<Tool, string>, go: Go): Promise<void> {
  const wanted = new Set(absent.map((tool) => TOOLS[tool].build));
  const names = (Object.keys(BUILDS) as BuildName[]).filter((name) => wanted.has(name));
  const steps = names.flatMap((name) => missingSteps(name, go));
  if (steps.length > 0) {
    const progress = new Progress(steps.length);
    progress.say(
      `Building ${steps.map(({ output, version }) => `${output} ${version}`).join(", ")} with ${go.version}: ` +
        `about ${estimateMinutes(steps)} min if Go has compiled none of it before. Once; Ctrl-C is safe.`,
    );
    for (const name of names) {
      const exact = await downloaded(
        name,
        found.get("pulumi") ?? join(buildFolder("pulumi", go), "pulumi"),
        go,
      );
      if (exact === undefined) await build(name, go, progress);
      else found.set("pulumi-resource-kubernetes", exact);
    }
    progress.finish(`Tools are in ${cacheFolder()}, ready`);
  }
  addBuilt(absent, found, go);
}

function addBuilt(absent: readonly Tool[], found: Map<Tool, string>, go: Go): void {
  for (const tool of absent) {
    if (!found.has(tool)) found.set(tool, join(buildFolder(TOOLS[tool].build, go), tool));
  }
}

/**
 * The provider that is exactly the SDK's can only be downloaded, by the engine, which is built before it
 * (BUILDS has the order). Tried only as long as there is no built one: not again on every run.
 */
async function downloaded(name: BuildName, engine: string, go: Go): Promise<string | undefined> {
  if (name !== "kubernetes-provider" || missingSteps(name, go).length === 0) return undefined;
  return downloadExactProvider(engine);
}

/** Everything that is missing, at once, and where to get it. */
export function missingMessage(absent: readonly Tool[]): string {
  const width = Math.max(...absent.map((tool) => tool.length));
  return [
    `${absent.length} of the tools needed are not installed, and there is no Go to build them; nothing was changed.`,
    ...absent.map((tool) => `  ${tool.padEnd(width)}  ${TOOLS[tool].install}`),
    `Easiest: install Go, which builds all of them: ${GO_INSTALL}`,
  ].join("\n");
}
