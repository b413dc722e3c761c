/** Commands of `gcloud`, `aws` and `az` that concern the account itself: logins, and what an account must allow first. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import {
  type AccountCommand,
  type AccountCommands,
  type Call,
  CONFIGURATION,
  gcloudProject,
} from "./account-call";
import { type Account, ASKS, FILES, home } from "./accounts";
import { azureRefusal, type GoogleCredentials, googleRefusal } from "./federation";
import { TRUST_COMMANDS } from "./trust-commands";
import { option, Refused } from "./words";

const SUBSCRIPTION = "00000000-0000-0000-0000-000000000001";
const USER = "11111111-2222-3333-4444-555555555555";

const logIn =
  (account: keyof typeof FILES, content: string) =>
  ({ env }: Call): void => {
    const file = home(env, FILES[account]);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode: 0o600 });
  };

/** Namespaces of Azure's services that a subscription has registered, in a world that asks for it. */
const REGISTERED = "registered.json";
export function registeredIn(world: string): readonly string[] {
  const file = join(world, REGISTERED);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as string[]) : [];
}

const ALL_SERVICES = [
  ...["Microsoft.ContainerService", "Microsoft.Compute", "Microsoft.Network", "Microsoft.Storage"],
  ...["Microsoft.ManagedIdentity", "Microsoft.ContainerRegistry", "Microsoft.OperationalInsights"],
  "microsoft.insights",
];

function register({ words, world }: Call): void {
  const namespace = option(words, "namespace");
  if (namespace === undefined)
    throw new Refused("ERROR: the following arguments are required: --namespace/-n");
  // Without it the command returns before the registration has ended.
  if (!words.includes("--wait")) throw new Refused("the stand-in knows the command with --wait only");
  writeFileSync(join(world, REGISTERED), JSON.stringify([...registeredIn(world), namespace]));
}

/** Of a person by a browser, or of a CI job by a file that `create-cred-config` has written. */
function logInToGoogle(call: Call): void {
  const file = option(call.words, "cred-file");
  const content = file === undefined ? "{}" : readFileSync(file, "utf8");
  const credentials = JSON.parse(content) as GoogleCredentials;
  const refusal = file === undefined ? undefined : googleRefusal(call.world, credentials);
  if (refusal !== undefined) throw new Refused(`ERROR: (gcloud.auth.login) ${refusal}`);
  logIn("gcloud", content)(call);
}

/** Of a person by a browser, or of a CI job by its token. */
function logInToAzure(call: Call): unknown {
  const { words, world } = call;
  const token = option(words, "federated-token");
  if (words.includes("--service-principal") !== (token !== undefined))
    throw new Refused("ERROR: the stand-in knows service principals with --federated-token only");
  if (token !== undefined) {
    const refusal = azureRefusal(world, token, option(words, "username") ?? "");
    if (refusal !== undefined) throw new Refused(`ERROR: ${refusal}`);
  }
  const subscriptions = [{ id: SUBSCRIPTION, isDefault: true }];
  logIn("az", JSON.stringify({ subscriptions }))(call);
  return subscriptions;
}

/** Programs that do nothing: those of the stand-ins are on the PATH already. */
function installPrograms({ words }: Call): void {
  for (const name of ["install-location", "kubelogin-install-location"])
    writeFileSync(option(words, name) ?? "", "#!/bin/sh\n", { mode: 0o755 });
}

/** Google's APIs that a project has had enabled by gcloud. */
const ENABLED = "apis.json";
export function enabledIn(world: string): readonly string[] {
  const file = join(world, ENABLED);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as string[]) : [];
}

/** The four questions of `aws configure`: two keys, a region, a format. */
function configure(call: Call): void {
  const [id = "", secret = "", region = ""] = readFileSync(0, "utf8").split("\n");
  if (id === "" || secret === "") throw new Refused("aws configure: the stand-in needs answers on its input");
  logIn("aws", `[default]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`)(call);
  writeFileSync(home(call.env, ".aws/config"), `[default]\nregion = ${region}\n`);
}

function region({ words, env }: Call): void {
  const file = home(env, ".aws/config");
  if (option(words, "region") !== undefined || env.AWS_REGION !== undefined) return;
  if (!existsSync(file) || !/^region = \w/m.test(readFileSync(file, "utf8")))
    throw new Refused(
      'You must specify a region. You can also configure your region by running "aws configure".',
    );
}

const QUOTA = "L-1216C47A";
const quota = (call: Call): void => {
  const { words } = call;
  region(call);
  if (option(words, "service-code") !== "ec2" || option(words, "quota-code") !== QUOTA)
    throw new Refused(
      "An error occurred (NoSuchResourceException) when calling the GetServiceQuota operation",
    );
};

const COMMANDS: AccountCommands = {
  gcloud: {
    "auth login": { open: true, run: logInToGoogle },
    "auth application-default login": { open: true, run: logIn("adc", '{"type":"authorized_user"}') },
    "config set project": {
      open: true,
      run({ words, env }) {
        const file = home(env, CONFIGURATION);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, `[core]\nproject = ${words[3]}\n`);
      },
    },
    "services enable": {
      run(call) {
        const { words } = call;
        gcloudProject(call);
        const apis = words.slice(2);
        const wrong = apis.find((word) => !/^(--project=.+|[a-z]+\.googleapis\.com)$/.test(word));
        if (wrong !== undefined)
          throw new Refused(`ERROR: (gcloud.services.enable) INVALID_ARGUMENT: ${wrong}`);
        writeFileSync(join(call.world, ENABLED), JSON.stringify([...enabledIn(call.world), ...apis]));
      },
    },
    "compute regions describe": {
      run(call) {
        gcloudProject(call);
        if (option(call.words, "filter") !== "quotas.metric=SSD_TOTAL_GB")
          throw new Refused("ERROR: (gcloud.compute.regions.describe) the stand-in knows SSD_TOTAL_GB only");
        return "0.0\t500.0";
      },
    },
  },
  aws: {
    configure: { open: true, run: configure },
    "sts get-caller-identity": {
      run: () => ({ UserId: "AIDA", Account: "123456789012", Arn: "arn:aws:iam::123456789012:user/stub" }),
    },
    "service-quotas get-service-quota": {
      run(call) {
        quota(call);
        return 5;
      },
    },
    "service-quotas request-service-quota-increase": {
      run(call) {
        quota(call);
        return { RequestedQuota: { DesiredValue: Number(option(call.words, "desired-value")) } };
      },
    },
  },
  az: {
    login: { open: true, run: logInToAzure },
    "account set": {
      run({ words }) {
        if (option(words, "subscription") !== SUBSCRIPTION)
          throw new Refused(
            `The subscription of '${option(words, "subscription")}' doesn't exist in cloud 'AzureCloud'.`,
          );
      },
    },
    "aks install-cli": { open: true, run: installPrograms },
    "provider register": { run: register },
    // The query of the program, which asks for registered ones. All subscriptions have the first two.
    "provider list": {
      run: ({ world }) => [
        "Microsoft.Authorization",
        "Microsoft.Resources",
        ...(existsSync(join(world, ASKS)) ? registeredIn(world) : ALL_SERVICES),
      ],
    },
    "ad signed-in-user show": { run: () => USER },
  },
};

/** The command that these words call, if it is one of the account's; the longest name wins. */
export function accountCommand(program: string, words: readonly string[]): AccountCommand | undefined {
  const commands = { ...COMMANDS[program], ...TRUST_COMMANDS[program] };
  const [name = ""] = Object.keys(commands)
    .filter((each) => each.split(" ").every((word, i) => word === words[i]))
    .sort((x, y) => y.length - x.length);
  return commands[name];
}

/** Whose login a program uses. */
export const ACCOUNTS: Readonly<Record<string, Account>> = { gcloud: "gcloud", aws: "aws", az: "az" };
