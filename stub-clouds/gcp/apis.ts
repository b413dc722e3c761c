import type { Context, Row, Token } from "../types";
import { SERVICE } from "./tokens";

/** An API by the module of the types that need it, and Google's name of it. `serviceusage` is on from the start. */
const APIS: Readonly<Record<string, readonly [api: string, name: string]>> = {
  compute: ["compute", "Compute Engine API"],
  container: ["container", "Kubernetes Engine API"],
  serviceaccount: ["iam", "Identity and Access Management (IAM) API"],
  artifactregistry: ["artifactregistry", "Artifact Registry API"],
  kms: ["cloudkms", "Cloud Key Management Service (KMS) API"],
  "projects/iAMMember": ["cloudresourcemanager", "Cloud Resource Manager API"],
};

/** Every row refuses a call while its API is off, or was enabled a moment ago. */
export const withApis = (rows: Readonly<Record<Token, Row>>): Readonly<Record<Token, Row>> =>
  Object.fromEntries(
    Object.entries(rows).map(([token, row]) => [
      token,
      {
        ...row,
        check: (inputs, context) => [...apiRefusals(token, context), ...(row.check?.(inputs, context) ?? [])],
      } satisfies Row,
    ]),
  );

/**
 * The message: https://github.com/GoogleCloudPlatform/terraform-dynamic-python-webapp/issues/67. That an enabled API is
 * not ready at once: https://github.com/hashicorp/terraform-provider-google/issues/8214
 */
function apiRefusals(token: Token, { config, find }: Context): string[] {
  const [, path = ""] = token.split(":");
  const [api, name] = APIS[path] ?? APIS[path.split("/")[0] ?? ""] ?? [];
  if (api === undefined) return [];
  const service = `${api}.googleapis.com`;
  const { visible = 0 } = find(SERVICE, `${config.project}/${service}`) ?? { visible: Infinity };
  if (config.apis?.includes(service) === true || visible <= Date.now()) return [];
  return [
    `googleapi: Error 403: ${name} has not been used in project ${config.project} before or it is disabled. Enable it ` +
      `by visiting https://console.developers.google.com/apis/api/${service}/overview?project=${config.project} then ` +
      "retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and " +
      "retry., accessNotConfigured",
  ];
}
