import { Service } from "@pulumi/gcp/projects/service";
import type * as pulumi from "@pulumi/pulumi";
import type { Scope } from "./scope";

/** The APIs that a new project does not have enabled. */
const ALWAYS = ["compute", "container", "iam", "cloudresourcemanager", "artifactregistry"] as const;

type Api = (typeof ALWAYS)[number] | "file" | "cloudkms";

/** Enables the APIs that the cluster uses. Returns how a resource finds those that it must wait for. */
export function enableApis(scope: Scope): (...needed: Api[]) => Service[] {
  const { config } = scope;
  const apis: Api[] = [
    ...ALWAYS,
    ...(config.storage.filestore.enabled ? (["file"] as const) : []),
    ...(config.kmsKey === undefined && config.storage.kmsKey === undefined ? [] : (["cloudkms"] as const)),
  ];
  const enabled = new Map(apis.map((api) => [api, enableApi(scope, api, api)]));
  return (...needed) => needed.flatMap((api) => enabled.get(api) ?? []);
}

/** Enables one API, by default in the cluster's project. It stays enabled: other stacks and users share the project. */
export const enableApi = (
  { name, project: own, options }: Scope,
  suffix: string,
  api: string,
  {
    project = own,
    needed = [],
  }: { readonly project?: string; readonly needed?: readonly pulumi.Resource[] } = {},
): Service =>
  new Service(
    `${name}-${suffix}-api`,
    { project, service: `${api}.googleapis.com`, disableOnDestroy: false },
    options({ dependsOn: [...needed] }),
  );
