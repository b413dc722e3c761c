import * as pulumi from "@pulumi/pulumi";
import { execKubeconfig } from "../kubeconfig";
import type { AuthenticationProgram } from "../preflight";
import type { ControlPlane } from "./control-plane";
import { credentials } from "./credentials";
import type { Scope } from "./scope";

/** The program that the kubeconfig runs. */
export const AWS_CLI: AuthenticationProgram = {
  command: "aws",
  install: "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
};

/** Runs `aws` for a new 15-minute token each time, so that the state holds no token. */
export function kubeconfig({ config, region }: Scope, controlPlane: ControlPlane): pulumi.Output<string> {
  const { roleArn, profileName: profile } = credentials(config);
  return pulumi.secret(
    pulumi
      .all([controlPlane.name, controlPlane.endpoint, controlPlane.certificateAuthority])
      .apply(([name, server, certificateAuthority]) =>
        execKubeconfig({
          name,
          server,
          certificateAuthority,
          exec: {
            command: AWS_CLI.command,
            args: [
              ...["--region", region, "eks", "get-token", "--cluster-name", name, "--output", "json"],
              ...(roleArn === undefined ? [] : ["--role-arn", roleArn]),
              ...(profile === undefined ? [] : ["--profile", profile]),
            ],
            installHint: `The AWS CLI, version 2: ${AWS_CLI.install}`,
          },
        }),
      ),
  );
}
