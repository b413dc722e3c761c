import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { REPOSITORY } from "../../../lib/repository";
import { fixture } from "./fixture";
import type { StateResource } from "./stack";

/** The part of `pulumi stack export` that is read here. */
export interface Export {
  readonly deployment: { readonly resources: readonly StateResource[] };
}

/** Values that differ from run to run, and their placeholders in a record. */
function blanks(): [value: string, blank: string][] {
  const { dir, plane } = fixture();
  const base64 = (file: string): string => readFileSync(file).toString("base64");
  return [
    [new URL(plane.server).host, "{{api-server}}"],
    [base64(plane.certificateAuthority), "{{certificate-authority}}"],
    [base64(plane.clientCertificate), "{{client-certificate}}"],
    [base64(plane.clientKey), "{{client-key}}"],
    [dir, "{{run}}"],
  ];
}

/** @throws Error if something specific to this machine is left */
export function blank(text: string): string {
  const without = blanks().reduce((all, [from, to]) => all.replaceAll(from, to), text);
  const trace = [REPOSITORY, join(tmpdir(), "ralph-"), "127.0.0.1"].find((each) => without.includes(each));
  if (trace !== undefined)
    throw new Error(`a record would contain ${trace}, which is specific to this machine`);
  return without;
}

/** The reverse, for a run that reads a record. */
export const filled = (text: string): string =>
  blanks().reduce((all, [to, from]) => all.replaceAll(from, to), text);

/** The engine's marker of a secret that it shows. */
const SECRET = "4dabf18193072939515e22adb298388d";

/** The same value with plain secrets. */
export function revealed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== "object" || value === null) return value;
  if (SECRET in value && "plaintext" in value) return revealed(JSON.parse(value.plaintext as string));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revealed(each)]));
}

/** Without what an import does not need. */
export const needed = ({ deployment, ...rest }: Export): Export => ({
  ...rest,
  deployment: {
    ...deployment,
    resources: deployment.resources.map((resource) => ({
      ...resource,
      created: undefined,
      modified: undefined,
      sourcePosition: undefined,
      stackTrace: undefined,
    })),
  },
});

/** Sorted by key; lists keep their order, which for resources is the order of creation. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}
