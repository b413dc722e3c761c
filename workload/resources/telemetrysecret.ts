import { Secret } from "@pulumi/kubernetes/core/v1";
import { TELEMETRY_SECRET } from "../names";
import type { Scope } from "../scope";
import { telemetryData } from "../telemetry";

/** The headers for the collector of traces. */
export function telemetrySecret({ name, config, metadata, options }: Scope): Secret | undefined {
  const stringData = telemetryData(config);
  if (Object.keys(stringData).length === 0) return undefined;
  return new Secret(
    `${name}-telemetry`,
    { metadata: metadata(TELEMETRY_SECRET), type: "Opaque", stringData },
    options(),
  );
}
