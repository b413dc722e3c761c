import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

import type { ControlPlane } from "../local/control-plane";
import { quoted } from "../lib/shell";
import { installAuthentication } from "./auth";
import { installDocker } from "./docker";
import { sdkVersion } from "./sdk";
import {
  type Call,
  type Fault,
  PLUGINS,
  type Quotas,
  type Registered,
  type Resource,
  type StubName,
} from "./types";
import { ASKS } from "./vendor/accounts";
import { World } from "./world";

export interface StubCloudOptions {
  /** Folder of the world; several stacks may share one. */
  readonly dir: string;
  /** The available clouds; a stack that needs another one fails. Default: all. */
  readonly plugins?: readonly StubName[];
  /** The control plane whose API server all clusters return. Without it, stacks can only be previewed. */
  readonly plane?: Pick<ControlPlane, "server" | "certificateAuthority" | "clientCertificate" | "clientKey">;
  /** Duration of one second of the real cloud, in seconds. Default 0: everything happens at once. */
  readonly timeScale?: number;
  /** Whether users must log in, as with the real programs; otherwise all are logged in. */
  readonly asksForLogin?: boolean;
  /** Seed of faults with a rate. */
  readonly seed?: number;
}

export interface StubClouds {
  readonly dir: string;
  /** Variables for an engine run; `path` is the run's PATH. */
  readonly environment: (path?: string) => {
    PATH: string;
    /** Docker's logins, the world's own. */
    DOCKER_CONFIG: string;
    SSL_CERT_FILE?: string;
    NODE_EXTRA_CA_CERTS?: string;
  };
  /** What exists, of every plugin. */
  readonly inventory: () => readonly Resource[];
  /** Every call so far, in the order in which they ended. */
  readonly ledger: () => readonly Call[];
  /** What every plugin found valid, in previews too. */
  readonly registered: () => readonly Registered[];
  /** Plans faults, in place of those planned before. */
  readonly faults: (faults: readonly Fault[]) => void;
  /** Sets the account's quotas, in place of those before. */
  readonly limit: (quotas: Quotas) => void;
  /** Whether the authentication programs refuse. */
  readonly logOut: (out: boolean) => void;
  /** Lets all passwords for registries expire that were issued so far. */
  readonly expirePasswords: () => void;
  /** Adds resources that no stack knows, or deletes any, as people and controllers do. */
  readonly edit: (change: (resources: readonly Resource[]) => readonly Resource[]) => Promise<void>;
}

/** An API server for worlds without a cluster: an address that never responds (RFC 5737). */
const UNREACHABLE_SERVER = {
  host: "203.0.113.1",
  certificateAuthority: Buffer.from("none").toString("base64"),
};

/** Installs stub plugins where the engine looks for the SDKs' plugins, and creates their world if none exists. */
export function installStubClouds(pulumiHome: string, options: StubCloudOptions): StubClouds {
  const { plugins = [...PLUGINS, "eks"], plane, timeScale = 0, seed = 1 } = options;
  const dir = resolve(options.dir);
  const apiServer =
    plane === undefined
      ? UNREACHABLE_SERVER
      : {
          host: new URL(plane.server).host,
          certificateAuthority: readFileSync(plane.certificateAuthority).toString("base64"),
        };
  const world = World.create(dir, { apiServer, timeScale, seed });
  if (options.asksForLogin === true) writeFileSync(join(dir, ASKS), "");
  const bin = join(dir, "bin");
  installAuthentication(bin, dir, plane);
  if (plugins.includes("docker-build")) installDocker(bin);
  for (const plugin of plugins) installPlugin(pulumiHome, plugin, dir);
  return {
    dir,
    environment: (path = process.env.PATH ?? "") => ({
      PATH: [bin, path].join(delimiter),
      DOCKER_CONFIG: join(dir, "docker"),
      // A cluster's public name has a public certificate; here the API server's must be trusted instead (on Linux).
      ...(plane !== undefined && {
        SSL_CERT_FILE: plane.certificateAuthority,
        NODE_EXTRA_CA_CERTS: plane.certificateAuthority, // the same for Node
      }),
    }),
    inventory: () => world.resources,
    ledger: () => world.calls,
    registered: () => world.registered,
    faults: (faults) => world.plan(faults),
    limit: (quotas) => world.limit(quotas),
    logOut: (out) => {
      const marker = join(dir, "logged-out");
      if (out) writeFileSync(marker, "");
      else if (existsSync(marker)) rmSync(marker);
    },
    expirePasswords: () => writeFileSync(join(dir, "passwords"), ""),
    edit: (change) =>
      world.change((resources) => ({ result: undefined, resources: change(resources), forget: true })),
  };
}

/** A plugin is a folder that contains a program; this one runs from source, with the repository's dependencies. */
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
