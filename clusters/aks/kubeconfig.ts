import {
  listManagedClusterUserCredentialsOutput,
  type ManagedCluster,
} from "@pulumi/azure-native/containerservice";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { refusal } from "../../config/refusal";
import { execKubeconfig } from "../kubeconfig";
import type { AuthenticationProgram } from "../preflight";
import type { Config } from "./config";
import type { Scope } from "./scope";

const kubelogin: AuthenticationProgram = {
  command: "kubelogin",
  install: "az aks install-cli, or https://azure.github.io/kubelogin/install.html",
};

/** What must be installed for a way to log in. */
export const PROGRAMS: Readonly<Record<Config["login"], readonly AuthenticationProgram[]>> = {
  azurecli: [kubelogin, { command: "az", install: "https://aka.ms/install-azure-cli" }],
  azd: [kubelogin, { command: "azd", install: "https://aka.ms/install-azd" }],
  spn: [kubelogin],
  workloadidentity: [kubelogin],
  msi: [kubelogin],
  azurepipelines: [kubelogin],
};

/** Of AKS's server in every tenant. */
const SERVER_ID = "6dae42f8-4368-4678-94ff-3960e28e3630";

/**
 * Of the credentials that AKS hands out only the address and the certificate authority are taken, which no
 * property of the cluster has. Its user asks a person to type a code; its admin is a certificate that no log
 * tells apart and nobody can withdraw.
 */
export function kubeconfig(
  { config, group }: Scope,
  cluster: ManagedCluster,
  tenantId: pulumi.Output<string>,
): pulumi.Output<string> {
  const credentials = listManagedClusterUserCredentialsOutput({
    // Outputs: names as plain text would be asked for in a preview, of a cluster that is not there yet.
    resourceGroupName: group.name,
    resourceName: cluster.name,
    format: "exec",
  });
  return pulumi.secret(
    pulumi.all([cluster.name, credentials, tenantId]).apply(([name, { kubeconfigs }, tenant]) =>
      execKubeconfig({
        name,
        ...endpoint(kubeconfigs?.[0]?.value),
        exec: {
          command: kubelogin.command,
          args: [
            "get-token",
            "--login",
            config.login,
            "--server-id",
            SERVER_ID,
            "--environment",
            "AzurePublicCloud",
            "--tenant-id",
            tenant,
          ],
          installHint: `kubelogin is missing: ${kubelogin.install}`,
        },
      }),
    ),
  );
}

interface Kubeconfig {
  readonly clusters?: readonly {
    readonly cluster?: { readonly server?: string; readonly "certificate-authority-data"?: string };
  }[];
}

function endpoint(base64: string | undefined): { server: string; certificateAuthority: string } {
  const handedOut = parse(Buffer.from(base64 ?? "", "base64").toString()) as Kubeconfig | null;
  const { server, "certificate-authority-data": certificateAuthority } =
    handedOut?.clusters?.[0]?.cluster ?? {};
  if (server === undefined || certificateAuthority === undefined) {
    throw refusal("AKS handed out no credentials that name a server and its authority");
  }
  return { server, certificateAuthority };
}
