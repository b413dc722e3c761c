import { Repository } from "@pulumi/gcp/artifactregistry/repository";
import * as pulumi from "@pulumi/pulumi";
import type { Config } from "./config";
import { labels } from "./labels";
import { regionOf } from "./location";

/** The image of this cluster in a repository of its own; the nodes' identity pulls it. */
export function createRegistry(
  name: string,
  config: Config,
  project: string,
  dependsOn: pulumi.Resource[],
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const location = regionOf(config.location);
  const repository = new Repository(
    `${name}-registry`,
    {
      repositoryId: config.name,
      location,
      format: "DOCKER",
      description: `Images of the GKE cluster ${config.name}`,
      labels: labels(config.tags),
    },
    { parent, dependsOn },
  );
  return pulumi.interpolate`${location}-docker.pkg.dev/${project}/${repository.repositoryId}/ralph-orchestrator`;
}
