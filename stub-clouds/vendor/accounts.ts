/**
 * Logins as the vendors' programs and SDKs find them: in the home folder and in the environment. Only a world with the
 * file `asks-for-login` looks; in every other one each user is logged in.
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { awsRefusal, azureRefusal, type GoogleCredentials, googleRefusal, requestToken } from "./federation";

export const ASKS = "asks-for-login";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `adc` is what Google's SDKs use, `gcloud` its program; `arm` is what Azure's provider uses, `az` the program, and
 * `workload` kubelogin with `workloadidentity`.
 */
export type Account = "adc" | "gcloud" | "aws" | "az" | "arm" | "workload";

/** Where each login is kept, below the home folder. */
export const FILES = {
  adc: ".config/gcloud/application_default_credentials.json",
  gcloud: ".config/gcloud/credentials.db",
  aws: ".aws/credentials",
  az: ".azure/azureProfile.json",
} as const;

export const home = (env: Environment, file: string): string => join(env.HOME ?? homedir(), file);

/** What is printed if there is no login, by each program or SDK. */
const REFUSALS: Readonly<Record<Account, string>> = {
  // https://github.com/pulumi/pulumi-gcp/issues/989
  adc: "failed to load application credentials: google: could not find default credentials",
  // lib/core/credentials/store.py of the Cloud SDK
  gcloud: "ERROR: (gcloud) You do not currently have an active account selected.",
  // https://github.com/pulumi/pulumi-aws/issues/4076; botocore's NoCredentialsError
  aws: "No valid credential sources found. Unable to locate credentials.",
  // _AZ_LOGIN_MESSAGE in azure/cli/core/_profile.py, which the provider passes on
  az: "ERROR: Please run 'az login' to setup account.",
  arm: "ERROR: Please run 'az login' to setup account.",
  workload: "ERROR: no token of a job",
};

/** Why an account may do nothing; undefined if it is logged in. */
export function refusalOf(account: Account, world: string, env: Environment): string | undefined {
  if (!existsSync(join(world, ASKS))) return undefined;
  return CHECKS[account](world, env);
}

const has = (env: Environment, file: string): boolean => existsSync(home(env, file));

/** A variable of CI is empty where the repository has none. */
const given = (value: string | undefined): string | undefined => (value === "" ? undefined : value);

type Check = (world: string, env: Environment) => string | undefined;

const google =
  (account: "adc" | "gcloud", variable: string): Check =>
  (world, env) => {
    const file = given(env[variable]) ?? home(env, FILES[account]);
    if (!existsSync(file)) return REFUSALS[account];
    const credentials = JSON.parse(readFileSync(file, "utf8")) as GoogleCredentials;
    return credentials.type === "external_account" ? googleRefusal(world, credentials) : undefined;
  };

function aws(world: string, env: Environment): string | undefined {
  const { AWS_ACCESS_KEY_ID: key, AWS_WEB_IDENTITY_TOKEN_FILE: token, AWS_ROLE_ARN: role = "" } = env;
  if (given(key) !== undefined) return undefined;
  if (given(token) !== undefined) return awsRefusal(world, readFileSync(token ?? "", "utf8"), role);
  const profile = `[${given(env.AWS_PROFILE) ?? "default"}]`;
  return has(env, FILES.aws) && readFileSync(home(env, FILES.aws), "utf8").includes(profile)
    ? undefined
    : REFUSALS.aws;
}

const az: Check = (_, env) => (has(env, FILES.az) ? undefined : REFUSALS.az);

/** The token of this job, from its environment or from GitHub. */
function jobToken(env: Environment, audience: string): string | undefined {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer = "" } = env;
  if (given(env.ARM_OIDC_TOKEN) !== undefined) return env.ARM_OIDC_TOKEN;
  return url === undefined
    ? undefined
    : requestToken(`${url}&audience=${encodeURIComponent(audience)}`, `Bearer ${bearer}`);
}

const AZURE_AUDIENCE = "api://AzureADTokenExchange";
const byToken =
  (client: string): Check =>
  (world, env) => {
    const token = jobToken(env, AZURE_AUDIENCE);
    return token === undefined ? REFUSALS.arm : azureRefusal(world, token, env[client] ?? "");
  };

/** https://www.pulumi.com/registry/packages/azure-native/installation-configuration/#authenticate-with-openid-connect-oidc */
const arm: Check = (world, env) =>
  env.ARM_USE_OIDC === "true" && given(env.ARM_CLIENT_ID) !== undefined
    ? byToken("ARM_CLIENT_ID")(world, env)
    : az(world, env);

const CHECKS: Readonly<Record<Account, Check>> = {
  adc: google("adc", "GOOGLE_APPLICATION_CREDENTIALS"),
  gcloud: google("gcloud", "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE"),
  aws,
  az,
  arm,
  // https://azure.github.io/kubelogin/concepts/login-modes/workloadidentity.html
  workload: byToken("AAD_SERVICE_PRINCIPAL_CLIENT_ID"),
};
