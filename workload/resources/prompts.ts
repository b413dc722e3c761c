import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { PROMPTS_CONFIG_MAP } from "../names";
import type { Scope } from "../scope";

/** The prompts, mounted at /prompts. The guide mounts this ConfigMap but does not define it. */
export function prompts({ name, config, metadata, options }: Scope): ConfigMap {
  return new ConfigMap(
    `${name}-prompts`,
    { metadata: metadata(PROMPTS_CONFIG_MAP), data: config.prompts },
    options(),
  );
}
