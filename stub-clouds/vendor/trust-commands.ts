/** Commands by which an account's owner trusts the tokens of CI jobs, and gives their identities rights. */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

import { type AccountCommands, type Call, gcloudProject } from "./account-call";
import { ACCOUNT, type AzureApp, readTrust, type RolePolicy, writeTrust } from "./federation";
import { option, Refused } from "./words";

function required(words: readonly string[], name: string): string {
  const value = option(words, name);
  if (value === undefined) throw new Refused(`the following arguments are required: --${name}`);
  return value;
}

const createPool = (call: Call): void => {
  gcloudProject(call);
  const { world, words } = call;
  required(words, "location");
  writeTrust(world, { pools: [...readTrust(world).pools, words[3] ?? ""] });
};

const createProvider = (call: Call): void => {
  gcloudProject(call);
  const { world, words } = call;
  const { pools, providers } = readTrust(world);
  const pool = required(words, "workload-identity-pool");
  if (!pools.includes(pool)) throw new Refused(`ERROR: (gcloud) NOT_FOUND: the pool ${pool} does not exist`);
  const mapping = Object.fromEntries(
    required(words, "attribute-mapping")
      .split(",")
      .map((pair) => pair.split("=") as [string, string]),
  );
  const provider = {
    pool,
    name: words[4] ?? "",
    issuer: required(words, "issuer-uri"),
    mapping,
    condition: option(words, "attribute-condition") ?? "",
  };
  // https://cloud.google.com/iam/docs/workload-identity-federation-with-deployment-pipelines#conditions
  if (provider.condition === "")
    throw new Refused(
      "ERROR: (gcloud) INVALID_ARGUMENT: The attribute condition must reference one of the provider's claims.",
    );
  writeTrust(world, { providers: [...providers, provider] });
};

const createAccount = (call: Call): void => {
  const { world, words } = call;
  const email = `${words[3]}@${gcloudProject(call)}.iam.gserviceaccount.com`;
  writeTrust(world, { accounts: [...readTrust(world).accounts, email] });
};

const bind = ({ world, words }: Call): void => {
  const { accounts, bindings } = readTrust(world);
  const [, , , account = ""] = words;
  if (!accounts.includes(account))
    throw new Refused(`ERROR: (gcloud) NOT_FOUND: Unknown service account ${account}`);
  const binding = { account, role: required(words, "role"), member: required(words, "member") };
  writeTrust(world, { bindings: [...bindings, binding] });
};

/** A role on something of a project. https://cloud.google.com/iam/docs/principal-identifiers#v1 */
const grant = (call: Call): void => {
  const { words } = call;
  if (words[0] === "compute") {
    gcloudProject(call);
    required(words, "region");
  }
  if (!/^roles\/\w+\.\w+$/.test(required(words, "role")))
    throw new Refused("ERROR: (gcloud) INVALID_ARGUMENT: Role is not supported for this resource.");
  if (!/^(user|group|serviceAccount):[\w.-]+@[\w.-]+$/.test(required(words, "member")))
    throw new Refused("ERROR: (gcloud) INVALID_ARGUMENT: Invalid member.");
};

/** https://cloud.google.com/sdk/gcloud/reference/iam/workload-identity-pools/create-cred-config */
const createCredentials = ({ words }: Call): void => {
  const account = required(words, "service-account");
  const credentials = {
    type: "external_account",
    audience: `//iam.googleapis.com/${words[3]}`,
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    token_url: "https://sts.googleapis.com/v1/token",
    credential_source: { file: required(words, "credential-source-file") },
    service_account_impersonation_url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${account}:generateAccessToken`,
  };
  writeFileSync(required(words, "output-file"), JSON.stringify(credentials));
};

const createIssuer = ({ world, words }: Call): unknown => {
  const host = required(words, "url").replace("https://", "");
  writeTrust(world, {
    issuers: { ...readTrust(world).issuers, [host]: required(words, "client-id-list").split(/\s+/) },
  });
  return { OpenIDConnectProviderArn: `arn:aws:iam::${ACCOUNT}:oidc-provider/${host}` };
};

const createRole = ({ world, words }: Call): unknown => {
  const document = required(words, "assume-role-policy-document");
  const policy = JSON.parse(readFileSync(document.replace("file://", ""), "utf8")) as RolePolicy;
  const name = required(words, "role-name");
  const { roles } = readTrust(world);
  if (name in roles)
    throw new Refused(
      `An error occurred (EntityAlreadyExists) when calling the CreateRole operation: ${name}`,
    );
  // An hour unless it is set: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
  const seconds = Number(option(words, "max-session-duration") ?? 3600);
  writeTrust(world, { roles: { ...roles, [name]: { policy, seconds } } });
  return { Role: { Arn: `arn:aws:iam::${ACCOUNT}:role/${name}` } };
};

function changeApp({ world, words }: Call, change: (app: AzureApp) => AzureApp): void {
  const { apps } = readTrust(world);
  const id = required(words, "id");
  const app = apps[id];
  if (app === undefined) throw new Refused(`ERROR: Resource '${id}' does not exist`);
  writeTrust(world, { apps: { ...apps, [id]: change(app) } });
}

const createApp = ({ world, words }: Call): unknown => {
  const name = required(words, "display-name");
  const hex = createHash("sha256").update(name).digest("hex");
  const appId = [8, 12, 16, 20, 32].map((end, i, all) => hex.slice(all[i - 1] ?? 0, end)).join("-");
  const { apps } = readTrust(world);
  writeTrust(world, { apps: { ...apps, [appId]: { name, hasPrincipal: false, credentials: [] } } });
  return option(words, "query") === "appId" ? appId : { appId };
};

const addCredential = (call: Call): unknown => {
  const credential = JSON.parse(required(call.words, "parameters")) as AzureApp["credentials"][number];
  changeApp(call, (app) => ({ ...app, credentials: [...app.credentials, credential] }));
  return credential;
};

export const TRUST_COMMANDS: AccountCommands = {
  gcloud: {
    "iam workload-identity-pools create": { run: createPool },
    "iam workload-identity-pools providers create-oidc": { run: createProvider },
    "iam workload-identity-pools create-cred-config": { open: true, run: createCredentials },
    "iam service-accounts create": { run: createAccount },
    "iam service-accounts add-iam-policy-binding": { run: bind },
    "compute networks subnets add-iam-policy-binding": { run: grant },
    "projects add-iam-policy-binding": { run: grant },
  },
  aws: {
    "iam create-open-id-connect-provider": { run: createIssuer },
    "iam create-role": { run: createRole },
    "eks create-access-entry": { run: ({ words }) => required(words, "principal-arn") },
    "eks associate-access-policy": { run: ({ words }) => required(words, "policy-arn") },
  },
  az: {
    "ad app create": { run: createApp },
    "ad sp create": {
      run: (call) => {
        changeApp(call, (app) => ({ ...app, hasPrincipal: true }));
        return {};
      },
    },
    "ad app federated-credential create": { run: addCredential },
  },
};
