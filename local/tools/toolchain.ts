import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

import { build, buildFolder, estimateMinutes, type Go, inspectGo, missingSteps } from "./build";
import { cacheFolder } from "./cache";
import { findDownloaded } from "./download/downloaded";
import type { Failure } from "./download/obtain";
import { ToolError } from "../../lib/errors";
import { type BuildName, BUILDS, GO, GO_INSTALL, type Tool, TOOL_NAMES, TOOLS } from "./pins";
import { Progress } from "../../lib/progress";
import { BUILT, EXACT, findExactProvider, isBuilt, type KubernetesProvider } from "./provider";
import { findUsable, onPath } from "./versions";

/** Programs ready to run, by absolute path. */
export interface Toolchain<T extends Tool = Tool> {
  readonly paths: Readonly<Record<T, string>>;
  readonly provider: KubernetesProvider;
}

export interface ToolchainOptions {
  /** Build missing tools with Go, download none, and do not use those downloaded earlier. */
  readonly build?: boolean | undefined;
}

/**
 * Makes the named tools available. A tool on PATH in a usable version is used; the others are put once into a cache
 * folder of the user: the publisher's release binary, or a Go build if that cannot be downloaded. Prints progress to
 * standard error only if something is missing.
 *
 * @throws ToolError naming everything that is missing, when there is no Go to build it.
 */
export async function ensureToolchain<T extends Tool = Tool>(
  tools: readonly T[] = TOOL_NAMES as readonly Tool[] as readonly T[],
  { build: onlyBuild = false }: ToolchainOptions = {},
): Promise<Toolchain<T>> {
  const { found, absent, go } = await findTools(tools, onlyBuild);
  if (absent().length > 0) {
    const failures = onlyBuild ? [] : await downloadInto(found, absent());
    if (absent().length > 0) {
      if (go === undefined) throw new ToolError(missingMessage(absent(), failures));
      await buildAbsent(absent(), found, go, failures);
    }
  }
  return toolchainOf(tools, found);
}

/** The same without downloading or building: undefined if a tool is missing. */
export async function findToolchain<T extends Tool>(tools: readonly T[]): Promise<Toolchain<T> | undefined> {
  const { found, absent } = await findTools(tools);
  return absent().length > 0 ? undefined : toolchainOf(tools, found);
}

interface Found {
  readonly found: Map<Tool, string>;
  readonly absent: () => Tool[];
  readonly go: Go | undefined;
}

/** The tools that this machine has: installed, downloaded or built by an earlier run, in this order. */
async function findTools(tools: readonly Tool[], onlyBuild = false): Promise<Found> {
  const [found, goPath] = await Promise.all([findInstalled(tools), findUsable("go", GO)]);
  const absent = (): Tool[] => tools.filter((tool) => !found.has(tool));
  if (absent().length > 0 && !onlyBuild) add(found, findDownloaded(absent()));
  const go = absent().length > 0 && goPath !== undefined ? await inspectGo(goPath) : undefined;
  if (go !== undefined) add(found, findBuilt(absent(), go));
  return { found, absent, go };
}

/** The engine and its language host are one distribution: both are added or neither. */
function add(found: Map<Tool, string>, more: ReadonlyMap<Tool, string>): void {
  const whole = more.has("pulumi") === more.has("pulumi-language-nodejs");
  for (const [tool, path] of more) {
    if (whole || (tool !== "pulumi" && tool !== "pulumi-language-nodejs")) found.set(tool, path);
  }
}

function findBuilt(tools: readonly Tool[], go: Go): Map<Tool, string> {
  return new Map(
    tools
      .filter((tool) => missingSteps(TOOLS[tool].build, go).length === 0)
      .map((tool) => [tool, join(buildFolder(TOOLS[tool].build, go), tool)]),
  );
}

async function downloadInto(found: Map<Tool, string>, absent: readonly Tool[]): Promise<readonly Failure[]> {
  // Loads an HTTP client and archive formats, which few runs need.
  const { obtain } = await import("./download/obtain.ts");
  const { found: downloaded, failures } = await obtain(absent);
  add(found, downloaded);
  return failures;
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

async function buildAbsent(
  absent: readonly Tool[],
  found: Map<Tool, string>,
  go: Go,
  failures: readonly Failure[],
): Promise<void> {
  const wanted = new Set(absent.map((tool) => TOOLS[tool].build));
  const names = (Object.keys(BUILDS) as BuildName[]).filter((name) => wanted.has(name));
  const steps = names.flatMap((name) => missingSteps(name, go));
  const progress = new Progress(steps.length);
  for (const { tools, reason } of failures) progress.say(`${reason}: Go builds ${tools.join(", ")} instead.`);
  progress.say(
    `Building ${steps.map(({ output, version }) => `${output} ${version}`).join(", ")} with ${go.version}: ` +
      `about ${estimateMinutes(steps)} min if Go has compiled none of it before. Once; Ctrl-C is safe.`,
  );
  for (const name of names) await build(name, go, progress);
  progress.finish(`Tools are in ${cacheFolder()}, ready`);
  add(found, findBuilt(absent, go));
}

/** All missing tools, where to get each, and why they could not be downloaded. */
export function missingMessage(absent: readonly Tool[], failures: readonly Failure[] = []): string {
  const width = Math.max(...absent.map((tool) => tool.length));
  return [
    `${absent.length} of the tools needed are not installed, and there is no Go to build them.`,
    ...absent.map((tool) => `  ${tool.padEnd(width)}  ${TOOLS[tool].install}`),
    ...(failures.length === 0 ? [] : ["Not downloaded:"]),
    ...failures.map(({ tools, reason }) => `  ${tools.join(", ")}: ${reason}`),
    `Easiest: install Go, which builds all of them: ${GO_INSTALL}`,
  ].join("\n");
}
