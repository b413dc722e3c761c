import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { DELETED_AT_ONCE, type Scope } from "../scope";

/** A value that was sealed for another cluster, name or namespace is never opened. The controller answers within seconds. */
const PATIENCE = { create: "3m", update: "3m" };

/**
 * Secrets that only the cluster's controller can open (https://github.com/bitnami/sealed-secrets). They are no secrets
 * themselves, so they are rendered too.
 */
export const sealedSecrets = ({ name, config, metadata, options }: Scope): CustomResource[] =>
  config.sealedSecrets.map(({ name: target, type, scope, encryptedData }) => {
    const annotations = scope === "strict" ? {} : { [`sealedsecrets.bitnami.com/${scope}`]: "true" };
    return new CustomResource(
      `${name}-sealed-${target}`,
      {
        apiVersion: "bitnami.com/v1alpha1",
        kind: "SealedSecret",
        metadata: metadata(target, undefined, {
          ...annotations,
          "pulumi.com/waitFor": "condition=Synced",
          ...DELETED_AT_ONCE,
        }),
        spec: {
          encryptedData,
          template: {
            metadata: { ...(scope === "strict" ? {} : { annotations }) },
            ...(type === undefined ? {} : { type }),
          },
        },
      },
      options({ customTimeouts: PATIENCE }),
    );
  });
