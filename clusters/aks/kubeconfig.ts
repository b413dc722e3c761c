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

export const AZURE_CLI: AuthenticationProgram = {
  command: "az",
  install: "https://aka.ms/install-azure-cli",
};

/** The programs that each way to log in needs. */
export const PROGRAMS: Readonly<Record<Config["login"], readonly AuthenticationProgram[]>> = {
  azurecli: [kubelogin, AZURE_CLI],
  azd: [kubelogin, { command: "azd", install: "https://aka.ms/install-azd" }],
  spn: [kubelogin],
  workloadidentity: [kubelogin],
  msi: [kubelogin],
  azurepipelines: [kubelogin],
};

/** Application id of the AKS Entra server, the same in every tenant. */
const SERVER_ID = "6dae42f8-4368-4678-94ff-3960e28e3630";

/**
 * A kubeconfig that logs in with kubelogin. Only the address and the certificate authority come from the
 * credentials that AKS returns, because no property of the cluster has them. AKS's own user entry prompts for a
 * device code, and its admin entry is a certificate that cannot be revoked or told apart in a log.
 *
 * @throws if the credentials lack a server or a certificate authority
 */
export function kubeconfig(
  { config, group }: Scope,
  cluster: ManagedCluster,
  tenantId: pulumi.Output<string>,
): pulumi.Output<string> {
  const credentials = listManagedClusterUserCredentialsOutput({
    // Outputs: with plain names, a preview would call Azure for a cluster that does not exist yet.
    resourceGroupName: group.name,
    resourceName: cluster.name,
    format: "exec",
    ...(config.api.private ? { serverFqdn: "public" } : {}),
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
  const issued = parse(Buffer.from(base64 ?? "", "base64").toString()) as Kubeconfig | null;
  const { server, "certificate-authority-data": certificateAuthority } = issued?.clusters?.[0]?.cluster ?? {};
  if (server === undefined || certificateAuthority === undefined) {
    throw refusal("AKS returned no credentials with a server and its certificate authority");
  }
  return { server, certificateAuthority };
}
