import { Repository } from "@pulumi/aws/ecr/repository";
import type * as pulumi from "@pulumi/pulumi";
import type { Scope } from "./scope";

/** The repository of images for this cluster. ECR has no folders: its address is an image's without a tag. */
export const registry = ({ name, tags, options }: Scope): pulumi.Output<string> =>
  new Repository(
    name,
    {
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "AES256" }],
      // Its images are built from this repository and can be built again.
      forceDelete: true,
      tags,
    },
    options(),
  ).repositoryUrl;
