import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";

import type { PluginTable, Values } from "../types";
import { readLogins, refusals } from "./registries";

const hash = (...parts: unknown[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex");

/** A plugin resolves relative paths in the folder in which the engine starts it, as the real one does. */
const contextProblems = ({ context, dockerfile }: Values): string[] =>
  [join(String(context.location), "."), String(dockerfile.location)]
    .filter((path) => !existsSync(path))
    .map((path) => `failed to read ${path}: no such file or directory`);

/**
 * Docker builds: nothing is built, but the build context must exist, and Docker must be logged in to the registry. Not a
 * cloud, but a plugin like theirs.
 */
export const table: PluginTable = {
  refusals: {
    notFound: (_, value) => `${value}: not found`,
    notReady: ({ id }) => `${id} is being built`,
    exists: (_, id) => `${id} exists`,
    inUse: ({ id }) => `${id} is in use`,
    protected: ({ id }) => `${id} is protected`,
    invalid: (_, reason) => reason,
    throttled: "429 Too Many Requests",
    quota: () => "denied: quota exceeded",
    denied: () => "denied: requested access to the resource is denied",
    unavailable: "503 Service Unavailable",
    expired: "unauthorized: authentication required",
  },
  requiresConfig: [],
  session: (world) => ({ world, logins: readLogins() }),
  replaceOnConfig: [],
  closedEnums: true,
  keptByUpdatePreview: "all",
  unknownAtFirst: "all",
  id: (inputs, _, token) => hash(token, inputs).slice(0, 12),
  outputs: () => ({}),
  invokes: {},
  resources: {
    "docker-build:index:Image": {
      requires: ["context.location", "tags", "platforms"],
      check: (inputs, { config }) => [
        ...contextProblems(inputs),
        ...(inputs.tags as string[]).flatMap((tag) => refusals(tag, config.world, config.logins)),
      ],
      outputs: ({ tags, platforms, context }) => {
        const digest = `sha256:${hash(platforms, context)}`;
        return { contextHash: hash(context), digest, ref: `${tags?.[0]}@${digest}` };
      },
    },
  },
};
