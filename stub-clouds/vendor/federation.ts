/**
 * Logins by the token of a CI job. Each cloud compares the token with what an account's owner has told it to trust
 * (`trust-commands.ts`), by the rules of its documentation; signatures are not checked.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

type Claims = Readonly<Record<string, string>>;

/** What an account trusts. */
export interface Trust {
  readonly pools: readonly string[];
  readonly providers: readonly {
    readonly pool: string;
    readonly name: string;
    readonly issuer: string;
    readonly mapping: Readonly<Record<string, string>>;
    readonly condition: string;
  }[];
  readonly accounts: readonly string[];
  readonly bindings: readonly {
    readonly account: string;
    readonly role: string;
    readonly member: string;
  }[];
  /** Issuers that AWS knows, with their audiences. */
  readonly issuers: Readonly<Record<string, readonly string[]>>;
  readonly roles: Readonly<Record<string, { readonly policy: RolePolicy; readonly seconds: number }>>;
  readonly apps: Readonly<Record<string, AzureApp>>;
}

export interface RolePolicy {
  readonly Statement: readonly {
    readonly Effect: string;
    readonly Action: string;
    readonly Principal: { readonly Federated?: string };
    readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  }[];
}

export interface AzureApp {
  readonly name: string;
  readonly hasPrincipal: boolean;
  readonly credentials: readonly {
    readonly issuer: string;
    readonly subject: string;
    readonly audiences: readonly string[];
  }[];
}

/** Numbers and ids of the account. */
export const PROJECT_NUMBER = "123456789";
export const ACCOUNT = "123456789012";

const NOTHING: Trust = {
  pools: [],
  providers: [],
  accounts: [],
  bindings: [],
  issuers: {},
  roles: {},
  apps: {},
};

export function readTrust(world: string): Trust {
  const file = join(world, "trust.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Trust) : NOTHING;
}

export const writeTrust = (world: string, change: Partial<Trust>): void =>
  writeFileSync(join(world, "trust.json"), JSON.stringify({ ...readTrust(world), ...change }));

/** What a token says about its job. */
function claimsOf(token: string): Claims {
  try {
    return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Claims;
  } catch {
    return {};
  }
}

/** The token that GitHub issues to a job for an audience; the engine's plugins cannot wait for it otherwise. */
export function requestToken(url: string, bearer: string): string {
  const script =
    "fetch(process.argv[1], { headers: { authorization: process.argv[2] } })" +
    ".then((answer) => answer.json()).then(({ value }) => process.stdout.write(value ?? ''))";
  return execFileSync(process.execPath, ["-e", script, url, bearer], { encoding: "utf8" });
}

/** A configuration of Google's credentials, as `create-cred-config` and google-github-actions/auth write it. */
export interface GoogleCredentials {
  readonly type?: string;
  readonly audience?: string;
  readonly service_account_impersonation_url?: string;
  readonly credential_source?: {
    readonly file?: string;
    readonly url?: string;
    readonly headers?: { readonly Authorization?: string };
  };
}

/** https://cloud.google.com/iam/docs/workload-identity-federation and its page on troubleshooting. */
export function googleRefusal(world: string, credentials: GoogleCredentials): string | undefined {
  const {
    credential_source: source = {},
    audience = "",
    service_account_impersonation_url = "",
  } = credentials;
  const token =
    source.file === undefined
      ? requestToken(source.url ?? "", source.headers?.Authorization ?? "")
      : readFileSync(source.file, "utf8");
  const claims = claimsOf(token);
  const trust = readTrust(world);
  const resource = audience.replace("//iam.googleapis.com/", "");
  const provider = trust.providers.find(
    ({ pool, name }) => resource === `${poolName(pool)}/providers/${name}`,
  );
  if (provider === undefined)
    return `invalid_target: The target service indicated by the audience ${audience} is invalid`;
  if (claims.iss !== provider.issuer)
    return `invalid_grant: The issuer in ID Token ${claims.iss} does not match the expected ones: [${provider.issuer}]`;
  if (claims.aud !== `https:${audience}`)
    return `invalid_grant: The audience in ID Token [${claims.aud}] does not match the expected audience https:${audience}`;
  if (!holds(provider.condition, claims))
    return "unauthorized_client: The given credential is rejected by the attribute condition.";
  const subject = claims[(provider.mapping["google.subject"] ?? "").replace("assertion.", "")] ?? "";
  const account = /serviceAccounts\/([^:]+):generateAccessToken$/.exec(
    service_account_impersonation_url,
  )?.[1];
  const member = `principal://iam.googleapis.com/${poolName(provider.pool)}/subject/${subject}`;
  return trust.bindings.some(
    (each) =>
      each.account === account && each.role === "roles/iam.workloadIdentityUser" && each.member === member,
  )
    ? undefined
    : "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).";
}

const poolName = (pool: string): string =>
  `projects/${PROJECT_NUMBER}/locations/global/workloadIdentityPools/${pool}`;

/** The part of the Common Expression Language that the page uses: comparisons, all of which must hold. */
const holds = (condition: string, claims: Claims): boolean =>
  condition
    .split("&&")
    .map((part) => /^\s*assertion\.(\w+)\s*==\s*'([^']*)'\s*$/.exec(part))
    .every((match) => match !== null && claims[match[1] ?? ""] === match[2]);

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html */
export function awsRefusal(world: string, token: string, role: string, seconds = 3600): string | undefined {
  const claims = claimsOf(token);
  const trust = readTrust(world);
  const { policy, seconds: longest = 0 } = trust.roles[role.split(":role/")[1] ?? ""] ?? {};
  const host = (claims.iss ?? "").replace("https://", "");
  const allowed =
    trust.issuers[host]?.includes(claims.aud ?? "") === true &&
    policy?.Statement.some(
      ({ Effect, Action, Principal, Condition = {} }) =>
        Effect === "Allow" &&
        Action === "sts:AssumeRoleWithWebIdentity" &&
        Principal.Federated === `arn:aws:iam::${ACCOUNT}:oidc-provider/${host}` &&
        Object.entries(Condition).every(([operator, wanted]) =>
          Object.entries(wanted).every(([key, value]) => {
            const claim = claims[key.replace(`${host}:`, "")] ?? "";
            if (operator === "StringEquals") return claim === value;
            return operator === "StringLike" && like(value).test(claim);
          }),
        ),
    ) === true;
  if (!allowed)
    return "An error occurred (AccessDenied) when calling the AssumeRoleWithWebIdentity operation: Not authorized to perform sts:AssumeRoleWithWebIdentity";
  return seconds > longest
    ? "An error occurred (ValidationError) when calling the AssumeRoleWithWebIdentity operation: The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    : undefined;
}

const like = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  );

/** https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust */
export function azureRefusal(world: string, token: string, client: string): string | undefined {
  const claims = claimsOf(token);
  const app = readTrust(world).apps[client];
  if (app?.hasPrincipal !== true)
    return `AADSTS700016: Application with identifier '${client}' was not found in the directory.`;
  return app.credentials.some(
    ({ issuer, subject, audiences }) =>
      issuer === claims.iss && subject === claims.sub && audiences.includes(claims.aud ?? ""),
  )
    ? undefined
    : `AADSTS700213: No matching federated identity record found for presented assertion subject '${claims.sub}'.`;
}
