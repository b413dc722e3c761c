import { Repository } from "@pulumi/aws/ecr/repository";
import * as pulumi from "@pulumi/pulumi";
import type { Registry } from "../types";
import { configuredProfile } from "./credentials";
import { AWS_CLI } from "./kubeconfig";
import type { Scope } from "./scope";

/** Creates the image repository of the cluster. */
export function createRegistry({ name, region, tags, options }: Scope): Registry {
  // The provider's own profile: `cluster.auth` is for the API server, and may be without access to ECR.
  const profile = configuredProfile();
  const { repositoryUrl } = new Repository(
    name,
    {
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "AES256" }],
      // The images are built from this repository and can be rebuilt.
      forceDelete: true,
      tags,
    },
    options(),
  );
  return {
    image: repositoryUrl,
    login: pulumi.output({
      username: "AWS",
      password: [
        AWS_CLI.command,
        ...["ecr", "get-login-password", "--region", region],
        ...(profile === undefined ? [] : ["--profile", profile]),
      ] as const,
      fix: `aws sts get-caller-identity${profile === undefined ? "" : ` --profile ${profile}`}`,
    }),
  };
}
