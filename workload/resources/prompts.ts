import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import type { Scope } from "../scope";

export const PROMPTS_NAME = "ralph-prompts";

/** The prompts, mounted at /prompts. The guide mounts this ConfigMap and never defines it. */
export function prompts({ name, config, metadata, options }: Scope): ConfigMap {
  return new ConfigMap(
    `${name}-prompts`,
    { metadata: metadata(PROMPTS_NAME), data: config.prompts },
    options(),
  );
}
