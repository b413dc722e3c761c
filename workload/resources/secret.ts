import { Secret } from "@pulumi/kubernetes/core/v1";
import type * as pulumi from "@pulumi/pulumi";
import { API_KEYS, KEYED_AGENTS } from "../../runner/src/contract";
import type { RalphConfig } from "../keys";
import { API_KEY_SECRET, apiKeySecretName } from "../names";
import type { Scope } from "../scope";

/** The API keys as variables (guide, section 2). */
export const apiKeys = ({ apiKeys: keys }: RalphConfig): Record<string, pulumi.Output<string>> =>
  Object.fromEntries(
    KEYED_AGENTS.flatMap((agent) => {
      const key = keys[agent];
      return key === undefined ? [] : [[API_KEYS[agent], key]];
    }),
  );

/** Created even without a key, because the pods refer to it. */
export function secret({ name, config, metadata, options }: Scope): Secret | undefined {
  if (apiKeySecretName(config) !== API_KEY_SECRET) return undefined;
  const stringData = apiKeys(config);
  return new Secret(
    `${name}-secrets`,
    {
      metadata: metadata(API_KEY_SECRET),
      type: "Opaque",
      // The server drops an empty map, which would be a difference on every run.
      ...(Object.keys(stringData).length > 0 ? { stringData } : {}),
    },
    options(),
  );
}
