/**
 * Logins as the vendors' programs and SDKs find them: in the home folder and in the environment. Only a world with the
 * file `asks-for-login` looks; in every other one each user is logged in.
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export const ASKS = "asks-for-login";

export type Environment = Readonly<Record<string, string | undefined>>;

/** `adc` is what Google's SDKs use, `gcloud` its program; `arm` is what Azure's provider uses, `az` the program. */
export type Account = "adc" | "gcloud" | "aws" | "az" | "arm";

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
};

/** Why an account may do nothing; undefined if it is logged in. */
export function refusalOf(account: Account, world: string, env: Environment): string | undefined {
  if (!existsSync(join(world, ASKS)) || LOGGED_IN[account](env)) return undefined;
  return REFUSALS[account];
}

const has = (env: Environment, file: string): boolean => existsSync(home(env, file));

const LOGGED_IN: Readonly<Record<Account, (env: Environment) => boolean>> = {
  adc: (env) => existsSync(env.GOOGLE_APPLICATION_CREDENTIALS ?? home(env, FILES.adc)),
  gcloud: (env) => has(env, FILES.gcloud),
  aws: (env) =>
    env.AWS_ACCESS_KEY_ID !== undefined ||
    (has(env, FILES.aws) &&
      readFileSync(home(env, FILES.aws), "utf8").includes(`[${env.AWS_PROFILE ?? "default"}]`)),
  az: (env) => has(env, FILES.az),
  arm: (env) => has(env, FILES.az),
};
