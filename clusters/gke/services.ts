import { Service } from "@pulumi/gcp/projects/service";
import type * as pulumi from "@pulumi/pulumi";
import type { Config } from "./config";

/** The APIs that a new project has not switched on. */
const ALWAYS = ["compute", "container", "iam", "cloudresourcemanager", "artifactregistry"] as const;

export type Api = (typeof ALWAYS)[number] | "file" | "cloudkms";

/** Switches on what the cluster calls; each of its resources waits for the APIs that it needs. */
export function enableApis(
  name: string,
  { storage, kmsKey }: Config,
  project: string,
  opts: pulumi.ComponentResourceOptions,
): (...wanted: Api[]) => Service[] {
  const apis: Api[] = [
    ...ALWAYS,
    ...(storage.filestore.enabled ? (["file"] as const) : []),
    ...(kmsKey === undefined ? [] : (["cloudkms"] as const)),
  ];
  const enabled = new Map(
    apis.map((api) => [
      api,
      new Service(
        `${name}-${api}-api`,
        // Other stacks, and people, use the project too.
        { project, service: `${api}.googleapis.com`, disableOnDestroy: false },
        opts,
      ),
    ]),
  );
  return (...wanted) => wanted.flatMap((api) => enabled.get(api) ?? []);
}
