import { Image } from "@pulumi/docker-build/image";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../../clusters/types";
import type { RalphConfig } from "../keys";
import { PUBLISHED_IMAGE } from "../keys/image";

/** The Dockerfile's folder, as the engine's plugins see it: they run in that of the program. */
const CONTEXT = "../runner";

/**
 * Builds the runner for the processors of the nodes and pushes it, by the logins that Docker has.
 *
 * @returns the image by its digest: a tag can be moved, and the same image rolls no pod
 */
export function builtImage(
  { repository, tag }: RalphConfig["image"],
  { registry, traits }: Cluster,
): pulumi.Output<string> {
  const target = pulumi.output(
    repository === PUBLISHED_IMAGE && registry !== undefined ? registry : repository,
  );
  const image = new Image("image", {
    context: { location: CONTEXT },
    dockerfile: { location: `${CONTEXT}/Dockerfile` },
    platforms: traits.architectures.map((architecture) => `linux/${architecture}` as const),
    tags: [pulumi.interpolate`${target}:${tag}`],
    push: true,
    // Minutes, for something that no preview shows.
    buildOnPreview: false,
  });
  return pulumi.interpolate`${target}@${image.digest}`;
}
