import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../../config/problems";
import { type AccountQuestion, hasOtherLogin, loggedOut, type OtherLogins } from "../preflight";

/** Services that AKS and this stack use. A new subscription has registered few of them, and the provider not all. */
const SERVICES = [
  "ContainerService",
  "Compute",
  "Network",
  "Storage",
  "ManagedIdentity",
  "ContainerRegistry",
  "OperationalInsights",
  "Insights",
];

/** By these the provider logs in otherwise: https://www.pulumi.com/registry/packages/azure-native/installation-configuration */
const OTHER_LOGINS: OtherLogins = {
  variables: [
    "ARM_CLIENT_SECRET",
    "ARM_CLIENT_CERTIFICATE_PATH",
    "ARM_USE_OIDC",
    "ARM_USE_MSI",
    "ARM_USE_DEFAULT_AZURE_CREDENTIAL",
    "AZURE_CLIENT_ID",
  ],
  keys: ["clientSecret", "clientCertificatePath", "useOidc", "useMsi", "useDefaultAzureCredential"],
};

/** Whether `az` is logged in, at the right subscription, and whether that has registered all services. */
export function account(): AccountQuestion | undefined {
  if (hasOtherLogin("azure-native", OTHER_LOGINS)) return undefined;
  const provider = new pulumi.Config("azure-native");
  const subscription = provider.get("subscriptionId") ?? process.env.ARM_SUBSCRIPTION_ID;
  return {
    ask: [
      ...(["az", "provider", "list"] as const),
      ...["--query", "[?registrationState=='Registered'].namespace", "--output", "json"],
      ...(subscription === undefined ? [] : ["--subscription", subscription]),
    ],
    problems: (answer) => {
      if (answer.code === 0) return unregistered(answer.stdout);
      if (/az login|AADSTS/.test(answer.stderr)) return loggedOut("az", answer, "az login");
      // _SUBSCRIPTION_NOT_FOUND: azure/cli/core/_profile.py
      if (subscription !== undefined && /subscription of .* doesn't exist/i.test(answer.stderr))
        return [
          {
            key: "azure-native:subscriptionId",
            rule: `${subscription} is not a subscription of az's login`,
            fix: "az account list --output table",
          },
        ];
      // A login that may not read the list may still be allowed to do what the run needs.
      return [];
    },
  };
}

function unregistered(stdout: string): Problem[] {
  const registered = new Set(namespacesIn(stdout).map((each) => each.toLowerCase()));
  if (registered.size === 0) return [];
  return SERVICES.map((name) => `Microsoft.${name}`)
    .filter((namespace) => !registered.has(namespace.toLowerCase()))
    .map((namespace) => ({
      key: namespace,
      rule: "is not registered in the subscription, so creation would fail halfway",
      fix: `az provider register --namespace ${namespace} --wait`,
    }));
}

const namespacesIn = (stdout: string): readonly string[] => {
  try {
    return JSON.parse(stdout) as string[];
  } catch {
    return [];
  }
};
