import { Image } from "@pulumi/docker-build/image";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster, ClusterTraits, Registry } from "../../clusters/types";
import type { RalphConfig } from "../keys";
import { PUBLISHED_IMAGE } from "../keys/image";
import { logIn } from "./login";

/** The folder of the Dockerfile, relative to the program's folder, in which the engine's plugins run. */
const CONTEXT = "../runner";

/**
 * Builds the runner for the nodes' architectures and pushes it: to the cluster's own registry with the user's login at
 * the cloud, to any other one with Docker's own logins.
 *
 * @returns the image by its digest: a tag can be moved, and an unchanged image must not restart pods
 */
export function builtImage(
  { repository, tag, agents, packages, base }: RalphConfig["image"],
  { registry }: Cluster,
  { architectures }: ClusterTraits,
): pulumi.Output<string> {
  const target =
    repository === PUBLISHED_IMAGE && registry !== undefined ? loggedIn(registry) : pulumi.output(repository);
  const buildArgs = {
    ...(agents === undefined ? {} : { AGENTS: agents.join(" ") }),
    ...(packages === undefined ? {} : { PACKAGES: packages.join(" ") }),
    ...(base === undefined ? {} : { BASE: base }),
  };
  const image = new Image("image", {
    context: { location: CONTEXT },
    dockerfile: { location: `${CONTEXT}/Dockerfile` },
    ...(Object.keys(buildArgs).length > 0 ? { buildArgs } : {}),
    platforms: architectures.map((architecture) => `linux/${architecture}` as const),
    tags: [pulumi.interpolate`${target}:${tag}`],
    push: true,
    // It takes minutes, and no preview shows the result.
    buildOnPreview: false,
  });
  return pulumi.interpolate`${target}@${image.digest}`;
}

/**
 * The registry's image, once Docker is logged in. A hook of the image would be too late: the plugin reads Docker's logins
 * when it is configured, which is before the first image's hooks. A login that fails is a warning, because only the
 * engine knows whether something will be pushed; if so, the registry refuses it.
 */
const loggedIn = ({ image, login }: Registry): pulumi.Output<string> =>
  pulumi.all([image, login]).apply(async ([name, how]) => {
    if (!pulumi.runtime.isDryRun())
      await logIn(name.split("/")[0] ?? name, how).catch(({ message }: Error) => pulumi.log.warn(message));
    return name;
  });
