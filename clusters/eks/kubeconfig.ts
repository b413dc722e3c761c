import * as pulumi from "@pulumi/pulumi";
import { execKubeconfig } from "../kubeconfig";
import type { ControlPlane } from "./control-plane";
import type { Scope } from "./scope";

/** Runs `aws` for a new 15-minute token each time, so that the state holds no token. */
export function kubeconfig({ config, region }: Scope, controlPlane: ControlPlane): pulumi.Output<string> {
  const { roleArn, profile = configuredProfile() } = config.auth;
  return pulumi.secret(
    pulumi
      .all([controlPlane.name, controlPlane.endpoint, controlPlane.certificateAuthority])
      .apply(([name, server, certificateAuthority]) =>
        execKubeconfig({
          name,
          server,
          certificateAuthority,
          exec: {
            command: "aws",
            args: [
              ...["--region", region, "eks", "get-token", "--cluster-name", name, "--output", "json"],
              ...(roleArn === undefined ? [] : ["--role-arn", roleArn]),
              ...(profile === undefined ? [] : ["--profile", profile]),
            ],
            installHint:
              "The AWS CLI, version 2: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
          },
        }),
      ),
  );
}

/** Profile in the AWS provider's configuration. */
const configuredProfile = (): string | undefined => new pulumi.Config("aws").get("profile");
