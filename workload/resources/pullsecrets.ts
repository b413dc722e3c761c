import { Secret } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import type { Scope } from "../scope";

/** The pull Secrets for which credentials are configured; the others exist already. */
export function pullSecretObjects({ name, config, metadata, options }: Scope): Secret[] {
  return config.imagePullSecrets.flatMap(({ name: secret, server, username, password }) =>
    server === undefined || username === undefined || password === undefined
      ? []
      : new Secret(
          `${name}-pull-${secret}`,
          {
            metadata: metadata(secret),
            type: "kubernetes.io/dockerconfigjson",
            stringData: { ".dockerconfigjson": dockerConfig(server, username, password) },
          },
          options(),
        ),
  );
}

function dockerConfig(
  server: string,
  username: string,
  secret: pulumi.Output<string>,
): pulumi.Output<string> {
  return secret.apply((password) => {
    const auth = Buffer.from(`${username}:${password}`).toString("base64");
    return JSON.stringify({ auths: { [server]: { username, password, auth } } });
  });
}
