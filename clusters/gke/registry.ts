import { Repository } from "@pulumi/gcp/artifactregistry/repository";
import * as pulumi from "@pulumi/pulumi";
import type { Registry, RegistryLogin } from "../types";
import type { Config } from "./config";
import type { Scope } from "./scope";

/** Prints an access token of the credentials that the kubeconfig uses, too. */
export const LOGIN: Readonly<Record<Config["credentials"], Pick<RegistryLogin, "password" | "fix">>> = {
  adc: {
    password: ["gcloud", "auth", "application-default", "print-access-token"],
    fix: "gcloud auth application-default login",
  },
  gcloud: { password: ["gcloud", "auth", "print-access-token"], fix: "gcloud auth login" },
};

/** A repository for this cluster's image, which the nodes' service account pulls. */
export const createRegistry = (
  { name, config, region, labels, options }: Scope,
  dependsOn: pulumi.Resource[],
): Repository =>
  new Repository(
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

export const imageRegistry = ({ config, project, region }: Scope, repository: Repository): Registry => ({
  image: pulumi.interpolate`${region}-docker.pkg.dev/${project}/${repository.repositoryId}/ralph-orchestrator`,
  login: pulumi.output({ username: "oauth2accesstoken", ...LOGIN[config.credentials] }),
});
