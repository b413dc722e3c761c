import { Service } from "@pulumi/gcp/projects/service";
import type { Scope } from "./scope";

/** The APIs that a new project does not have enabled. */
const ALWAYS = ["compute", "container", "iam", "cloudresourcemanager", "artifactregistry"] as const;

type Api = (typeof ALWAYS)[number] | "file" | "cloudkms";

/** Enables the APIs that the cluster uses. Returns how a resource finds those that it must wait for. */
export function enableApis({ name, config, project, options }: Scope): (...needed: Api[]) => Service[] {
  const apis: Api[] = [
    ...ALWAYS,
    ...(config.storage.filestore.enabled ? (["file"] as const) : []),
    ...(config.kmsKey === undefined ? [] : (["cloudkms"] as const)),
  ];
  const enabled = new Map(
    apis.map((api) => [
      api,
      new Service(
        `${name}-${api}-api`,
        // They stay enabled: other stacks and users share the project.
        { project, service: `${api}.googleapis.com`, disableOnDestroy: false },
        options(),
      ),
    ]),
  );
  return (...needed) => needed.flatMap((api) => enabled.get(api) ?? []);
}
