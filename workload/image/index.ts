import type * as pulumi from "@pulumi/pulumi";
import type { Cluster, ClusterTraits } from "../../clusters/types";
import { mirrored } from "../../lib/image";
import type { RalphConfig } from "../keys";

type ImageConfig = RalphConfig["image"];

/** The image of Ralph's pods: a configured one, or one that is built for this cluster. */
export function podImage(config: ImageConfig, cluster: Cluster, traits: ClusterTraits): pulumi.Input<string> {
  if (!config.build) return imageReference(config);
  // By a computed path, as for the clouds: the SDK is loaded and its plugin requested only if an image is built.
  const module = "./build";
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (require(module) as typeof import("./build")).builtImage(config, cluster, traits);
}

/** The configured image. */
export const imageReference = ({ registry, repository, tag, digest }: ImageConfig): string =>
  mirrored(registry, digest === undefined ? `${repository}:${tag}` : `${repository}@${digest}`);
