import { Image } from "@pulumi/docker-build/image";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster, ClusterTraits } from "../../clusters/types";
import type { RalphConfig } from "../keys";
import { PUBLISHED_IMAGE } from "../keys/image";

/** The folder of the Dockerfile, relative to the program's folder, in which the engine's plugins run. */
const CONTEXT = "../runner";

/**
 * Builds the runner for the nodes' architectures and pushes it, with Docker's own logins.
 *
 * @returns the image by its digest: a tag can be moved, and an unchanged image must not restart pods
 */
export function builtImage(
  { repository, tag }: RalphConfig["image"],
  { registry }: Cluster,
  { architectures }: ClusterTraits,
): pulumi.Output<string> {
  const target = pulumi.output(
    repository === PUBLISHED_IMAGE && registry !== undefined ? registry : repository,
  );
  const image = new Image("image", {
    context: { location: CONTEXT },
    dockerfile: { location: `${CONTEXT}/Dockerfile` },
    platforms: architectures.map((architecture) => `linux/${architecture}` as const),
    tags: [pulumi.interpolate`${target}:${tag}`],
    push: true,
    // It takes minutes, and no preview shows the result.
    buildOnPreview: false,
  });
  return pulumi.interpolate`${target}@${image.digest}`;
}
