import type { Cluster } from "@pulumi/gcp/container/cluster";
import * as pulumi from "@pulumi/pulumi";
import { execKubeconfig } from "../kubeconfig";
import { PLUGIN } from "./check";
import type { Config } from "./config";

/** A kubeconfig in which Google's program asks for a token; nothing of it is a credential. */
export function kubeconfig(cluster: Cluster, config: Config): pulumi.Output<string> {
  return pulumi.secret(
    pulumi
      .all([cluster.endpoint, cluster.masterAuth, cluster.controlPlaneEndpointsConfig])
      .apply(([address, auth, endpoints]) =>
        execKubeconfig({
          name: config.name,
          ...(config.api.public
            ? // Its certificate is a public one.
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
}
