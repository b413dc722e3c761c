import { type AccountQuestion, hasOtherLogin, loggedOut, type OtherLogins } from "../preflight";

/** By these the provider logs in otherwise: https://www.pulumi.com/registry/packages/gcp/installation-configuration */
const OTHER_LOGINS: OtherLogins = {
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
  if (hasOtherLogin("gcp", OTHER_LOGINS)) return undefined;
  return {
    ask: ["gcloud", "auth", "application-default", "print-access-token", "--quiet"],
    problems: (answer) => loggedOut("gcloud", answer, "gcloud auth application-default login"),
  };
}
