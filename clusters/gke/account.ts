import * as pulumi from "@pulumi/pulumi";
import { type AccountQuestion, loggedOut } from "../preflight";

/** By these the provider logs in otherwise: https://www.pulumi.com/registry/packages/gcp/installation-configuration */
const OTHER_LOGINS = {
  variables: [
    "GOOGLE_CREDENTIALS",
    "GOOGLE_CLOUD_KEYFILE_JSON",
    "GCLOUD_KEYFILE_JSON",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_OAUTH_ACCESS_TOKEN",
  ],
  keys: ["credentials", "accessToken"],
};

/** Whether gcloud has the login that Google's SDKs use, the provider included. */
export function account(): AccountQuestion | undefined {
  const provider = new pulumi.Config("gcp");
  const { variables, keys } = OTHER_LOGINS;
  if (variables.some((name) => process.env[name] !== undefined) || keys.some((key) => provider.get(key)))
    return undefined;
  return {
    ask: ["gcloud", "auth", "application-default", "print-access-token", "--quiet"],
    problems: (answer) => loggedOut("gcloud", answer, "gcloud auth application-default login"),
  };
}
