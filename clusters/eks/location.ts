import * as pulumi from "@pulumi/pulumi";
import type { Config } from "./config";

/** Region in the AWS provider's configuration. */
export const configuredRegion = (): string | undefined => new pulumi.Config("aws").get("region");

/** Zones of the cluster's subnets. */
export const zonesOf = ({ zones }: Pick<Config, "zones">, region: string): readonly string[] =>
  zones ?? ["a", "b"].map((letter) => region + letter);

/** Number of zones with nodes: each existing subnet is in another one. */
export const zoneCount = ({ zones, network: { existing } }: Pick<Config, "zones" | "network">): number =>
  existing?.subnetIds.length ?? zonesOf({ zones }, "").length;
