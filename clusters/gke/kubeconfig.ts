import type { Cluster } from "@pulumi/gcp/container/cluster";
import * as pulumi from "@pulumi/pulumi";
import { execKubeconfig } from "../kubeconfig";
import type { AuthenticationProgram } from "../preflight";
import type { Config } from "./config";
import type { Scope } from "./scope";

const PLUGIN: AuthenticationProgram = {
  command: "gke-gcloud-auth-plugin",
  install:
    "gcloud components install gke-gcloud-auth-plugin, or apt-get install google-cloud-cli-gke-gcloud-auth-plugin",
};
export const GCLOUD: AuthenticationProgram = {
  command: "gcloud",
  install: "https://cloud.google.com/sdk/docs/install",
};

/** The programs that each kind of credentials needs. */
export const PROGRAMS: Readonly<Record<Config["credentials"], readonly AuthenticationProgram[]>> = {
  adc: [PLUGIN],
  gcloud: [GCLOUD, PLUGIN],
};

/** A kubeconfig that requests its tokens from Google's plugin. It contains no credential. */
export const kubeconfig = ({ config }: Scope, controlPlane: Cluster): pulumi.Output<string> =>
  pulumi.secret(
    pulumi
      .all([controlPlane.endpoint, controlPlane.masterAuth, controlPlane.controlPlaneEndpointsConfig])
      .apply(([address, auth, endpoints]) =>
        execKubeconfig({
          name: config.name,
          ...(config.api.public
            ? // The DNS endpoint has a certificate of a public authority.
              { server: `https://${endpoints?.dnsEndpointConfig?.endpoint}` }
            : { server: `https://${address}`, certificateAuthority: auth?.clusterCaCertificate }),
          exec: {
            command: PLUGIN.command,
            args: config.credentials === "adc" ? ["--use_application_default_credentials"] : [],
            installHint: PLUGIN.install,
            provideClusterInfo: true,
          },
        }),
      ),
  );
