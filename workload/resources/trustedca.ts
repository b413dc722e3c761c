import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { TRUSTED_CA_CONFIG_MAP } from "../names";
import type { Scope } from "../scope";

/** The certificates of the user's authorities, if the configuration has them. They are public. */
export function trustedCA({ name, config, metadata, options }: Scope): ConfigMap | undefined {
  const { certificates, key } = config.trustedCA;
  if (certificates === undefined) return undefined;
  return new ConfigMap(
    `${name}-trusted-ca`,
    { metadata: metadata(TRUSTED_CA_CONFIG_MAP), data: { [key]: certificates } },
    options(),
  );
}
