import { Repository } from "@pulumi/gcp/artifactregistry/repository";
import * as pulumi from "@pulumi/pulumi";
import type { Scope } from "./scope";

/** A repository for this cluster's image, which the nodes' service account pulls. Returns the image's name. */
export function createRegistry(
  { name, config, project, region, labels, options }: Scope,
  dependsOn: pulumi.Resource[],
): pulumi.Output<string> {
  const repository = new Repository(
    `${name}-registry`,
    {
      repositoryId: config.name,
      location: region,
      format: "DOCKER",
      description: `Images of the GKE cluster ${config.name}`,
      labels,
    },
    options({ dependsOn }),
  );
  return pulumi.interpolate`${region}-docker.pkg.dev/${project}/${repository.repositoryId}/ralph-orchestrator`;
}
