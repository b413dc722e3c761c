import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import type * as pulumi from "@pulumi/pulumi";
import type { SecretSource } from "../../clusters/types";
import { SECRET_STORE, SECRETS_READER } from "../names";
import { DELETED_AT_ONCE, type Scope } from "../scope";

/**
 * The secret store of the cluster's cloud, and the service account that reads it: no pod has that one, so that an agent
 * cannot read what is not its own.
 *
 * @param operators what reads the store, and removes its finalizers
 * @returns what must exist before a Secret can come from a store
 */
export function secretStore(
  { name, traits, metadata, options }: Scope,
  source: SecretSource | undefined,
  operators: readonly pulumi.Resource[],
): pulumi.Resource[] {
  if (source === undefined) return [...operators];
  const { annotations, grants, provider } = source;
  const own = metadata(SECRETS_READER);
  const reader =
    traits.secretStore?.reader === "own"
      ? [
          new ServiceAccount(
            `${name}-secrets-reader`,
            {
              metadata: { ...own, annotations: { ...own.annotations, ...annotations } },
              automountServiceAccountToken: false,
            },
            options(),
          ),
        ]
      : [];
  const store = new CustomResource(
    `${name}-store`,
    {
      apiVersion: "external-secrets.io/v1",
      kind: "SecretStore",
      metadata: metadata(SECRET_STORE, undefined, {
        "pulumi.com/waitFor": "condition=Ready",
        ...DELETED_AT_ONCE,
      }),
      spec: { provider },
    },
    // A grant takes minutes to be known everywhere.
    options({ dependsOn: [...operators, ...grants, ...reader], customTimeouts: { create: "15m" } }),
  );
  return [...operators, store];
}
