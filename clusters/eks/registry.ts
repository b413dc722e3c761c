import { Repository } from "@pulumi/aws/ecr/repository";
import type * as pulumi from "@pulumi/pulumi";
import type { Scope } from "./scope";

/** Creates the image repository of the cluster; returns the name of an image in it, without a tag. */
export const createRegistry = ({ name, tags, options }: Scope): pulumi.Output<string> =>
  new Repository(
    name,
    {
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "AES256" }],
      // The images are built from this repository and can be rebuilt.
      forceDelete: true,
      tags,
    },
    options(),
  ).repositoryUrl;
