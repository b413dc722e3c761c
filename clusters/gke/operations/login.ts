import { existsSync } from "node:fs";
import type { CloudOperations, Login } from "../../operations";

/** A token or a key of the provider's, which gcloud reads from variables of its own. */
export const login: CloudOperations["login"] = ({ provider: { accessToken, credentials }, stack }) => {
  // https://cloud.google.com/sdk/docs/properties#setting_properties_using_environment_variables
  if (accessToken !== undefined)
    return variable("CLOUDSDK_AUTH_ACCESS_TOKEN", accessToken, `gcp:accessToken --stack ${stack}`);
  if (credentials === undefined) return undefined;
  const file = variable(
    "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE",
    credentials,
    `gcp:credentials --stack ${stack}`,
  );
  return existsSync(credentials) ? file : { ...file, impossible: KEY_AS_TEXT };
};

const variable = (name: string, value: string, key: string): Login => ({
  variables: { [name]: value },
  steps: [],
  commands: [`export ${name}="$(pulumi config get ${key})"`],
});

const KEY_AS_TEXT = {
  reason: "gcloud reads the key in gcp:credentials from a file only",
  fix: "put it into a file that only you can read, and set gcp:credentials to its path",
};
