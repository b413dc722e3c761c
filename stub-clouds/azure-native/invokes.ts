import { Refusal } from "../errors";
import type { PluginTable } from "../types";
import { refusals, SUBSCRIPTION, TENANT } from "./refusals";
import { CLUSTER } from "./tokens";

export const invokes: PluginTable["invokes"] = {
  "azure-native:authorization:getClientConfig": () => ({
    clientId: "00000000-0000-0000-0000-000000000003",
    objectId: "00000000-0000-0000-0000-000000000004",
    subscriptionId: SUBSCRIPTION,
    tenantId: TENANT,
  }),
  // As Azure returns it: with the interactive device-code login.
  "azure-native:containerservice:listManagedClusterUserCredentials": (
    { resourceName },
    { find, apiServer },
  ) => {
    if (find(CLUSTER, resourceName) === undefined)
      throw new Refusal(refusals.notFound(CLUSTER, String(resourceName)));
    const kubeconfig = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${apiServer.certificateAuthority}
    server: https://${apiServer.host}
  name: ${resourceName}
contexts:
- context:
    cluster: ${resourceName}
    user: clusterUser
  name: ${resourceName}
current-context: ${resourceName}
kind: Config
users:
- name: clusterUser
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      args:
      - get-token
      - --login
      - devicecode
      command: kubelogin
`;
    return { kubeconfigs: [{ name: "clusterUser", value: Buffer.from(kubeconfig).toString("base64") }] };
  },
};
