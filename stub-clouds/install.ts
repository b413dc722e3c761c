import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

import type { ControlPlane } from "../local/control-plane";
import { quoted } from "../lib/shell";
import { installAuthentication } from "./auth";
import { installDocker } from "./docker";
import { sdkVersion } from "./sdk";
import { type Call, type Fault, PLUGINS, type Resource, type StubName } from "./types";
import { World } from "./world";

export interface StubCloudOptions {
  /** Folder of the world; several stacks may share one. */
  readonly dir: string;
  /** The clouds there are; a stack that asks for another one fails. Default: all. */
  readonly plugins?: readonly StubName[];
  /** Whose API server the clusters hand out. Without it they can be previewed only. */
  readonly plane?: Pick<ControlPlane, "server" | "certificateAuthority" | "clientCertificate" | "clientKey">;
  /** How long a second of the real cloud is here. Default 0: everything happens at once. */
  readonly timeScale?: number;
  /** Of faults with a rate. */
  readonly seed?: number;
}

export interface StubClouds {
  readonly dir: string;
  /** What an engine run needs beside its own environment, whose PATH is given. */
  readonly environment: (path?: string) => {
    PATH: string;
    SSL_CERT_FILE?: string;
    NODE_EXTRA_CA_CERTS?: string;
  };
  /** What exists, of every plugin. */
  readonly inventory: () => readonly Resource[];
  /** Every call so far, in the order of their ends. */
  readonly ledger: () => readonly Call[];
  /** Plans what goes wrong, in place of what was planned before. */
  readonly faults: (faults: readonly Fault[]) => void;
  /** Whether the authentication programs refuse. */
  readonly logOut: (out: boolean) => void;
  /** Puts something there that no stack knows of, or takes anything away: what people and controllers do. */
  readonly edit: (change: (resources: readonly Resource[]) => readonly Resource[]) => Promise<void>;
}

/** An address that answers nobody (RFC 5737), where no cluster is behind a world. */
const NOWHERE = { host: "203.0.113.1", certificateAuthority: Buffer.from("none").toString("base64") };

/** Puts stub plugins where the engine looks for those of the SDKs, and makes their world where there is none. */
export function installStubClouds(pulumiHome: string, options: StubCloudOptions): StubClouds {
  const { plugins = [...PLUGINS, "eks"], plane, timeScale = 0, seed = 1 } = options;
  const dir = resolve(options.dir);
  const apiServer =
    plane === undefined
      ? NOWHERE
      : {
          host: new URL(plane.server).host,
          certificateAuthority: readFileSync(plane.certificateAuthority).toString("base64"),
        };
  const world = World.create(dir, { apiServer, timeScale, seed });
  const bin = join(dir, "bin");
  installAuthentication(bin, dir, plane);
  if (plugins.includes("docker-build")) installDocker(bin);
  for (const plugin of plugins) installPlugin(pulumiHome, plugin, dir);
  return {
    dir,
    environment: (path = process.env.PATH ?? "") => ({
      PATH: [bin, path].join(delimiter),
      // A cluster's public name has a public certificate; here that of the API server has to be one (on Linux).
      ...(plane !== undefined && {
        SSL_CERT_FILE: plane.certificateAuthority,
        NODE_EXTRA_CA_CERTS: plane.certificateAuthority, // the same for Node
      }),
    }),
    inventory: () => world.resources,
    ledger: () => world.calls,
    faults: (faults) => world.plan(faults),
    logOut: (out) => {
      const mark = join(dir, "logged-out");
      if (out) writeFileSync(mark, "");
      else if (existsSync(mark)) rmSync(mark);
    },
    edit: (change) => world.change((resources) => ({ result: undefined, resources: change(resources) })),
  };
}

/** A plugin is a folder with a program in it; this one runs from source, with what the repository has. */
function installPlugin(pulumiHome: string, plugin: StubName, dir: string): void {
  const folder = join(pulumiHome, "plugins", `resource-${plugin}-v${sdkVersion(plugin)}`);
  mkdirSync(folder, { recursive: true });
  const main = plugin === "eks" ? "eks/plugin.ts" : "plugin.ts";
  const program = join(folder, `pulumi-resource-${plugin}`);
  const register = require.resolve("../boot/loader.js");
  const words = [process.execPath, "-r", register, join(__dirname, main), plugin, dir].map(quoted);
  writeFileSync(program, `#!/bin/sh\nNODE_NO_WARNINGS=1 exec ${words.join(" ")} "$@"\n`);
  chmodSync(program, 0o755);
}
