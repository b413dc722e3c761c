import * as pulumi from "@pulumi/pulumi";
import type { Config } from "./config";

/** Region in the AWS provider's configuration. */
export const configuredRegion = (): string | undefined => new pulumi.Config("aws").get("region");

/** Zones of the cluster's subnets. */
export const zonesOf = ({ zones }: Pick<Config, "zones">, region: string): readonly string[] =>
  zones ?? ["a", "b"].map((letter) => region + letter);
