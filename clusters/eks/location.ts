import * as pulumi from "@pulumi/pulumi";
import type { Config } from "./config";

/** Region in the AWS provider's configuration. */
export const configuredRegion = (): string | undefined => new pulumi.Config("aws").get("region");

/** Zones of the cluster's subnets. */
export const zonesOf = ({ zones }: Pick<Config, "zones">, region: string): readonly string[] =>
  zones ?? ["a", "b"].map((letter) => region + letter);

/** What identifies each zone in names: its letter, or the id of the existing subnet, each of which is in another zone. */
export const zoneKeys = ({
  zones,
  network: { existing },
}: Pick<Config, "zones" | "network">): readonly string[] =>
  existing?.subnetIds ?? zonesOf({ zones }, "").map((zone) => zone.slice(-1));
