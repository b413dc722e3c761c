import type { Variables } from "../program";

/** How the AWS CLI gets the identity of the AWS provider, for `pulumi up` and for the commands around it alike. */

/** A value of the provider's configuration, as its text. */
export type Setting = (key: string) => string | undefined;

interface Role {
  readonly roleArn: string;
  readonly externalId?: string;
  readonly policy?: string;
  readonly policyArns?: readonly string[];
  readonly sessionName?: string;
  readonly sourceIdentity?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly transitiveTagKeys?: readonly string[];
}

interface WebIdentity extends Pick<Role, "roleArn" | "policy" | "policyArns" | "sessionName"> {
  readonly webIdentityToken?: string;
  readonly webIdentityTokenFile?: string;
}

/** Keys of the configuration that are variables of the CLI. Otherwise both read the same environment and files. */
export const VARIABLES: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY_ID: "accessKey",
  AWS_SECRET_ACCESS_KEY: "secretKey",
  AWS_SESSION_TOKEN: "token",
};

export const keysOf = (of: Setting): Variables =>
  Object.fromEntries(
    Object.entries(VARIABLES).flatMap(([variable, key]) => {
      const value = of(key);
      return value === undefined ? [] : [[variable, value]];
    }),
  );

/** The CLI's commands, in order, each with the credentials of the one before. Empty if the provider assumes no role. */
export const assumptions = (of: Setting): readonly (readonly string[])[] => [
  ...json<WebIdentity>(of("assumeRoleWithWebIdentity")).map(byToken),
  ...json<Role[]>(of("assumeRoles")).flat().map(byRole),
];

/** The same as `variables`, from what one of the commands prints. */
export function credentialsIn(answer: string): Variables {
  const { Credentials } = JSON.parse(answer) as {
    Credentials: { AccessKeyId: string; SecretAccessKey: string; SessionToken: string };
  };
  return {
    AWS_ACCESS_KEY_ID: Credentials.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: Credentials.SecretAccessKey,
    AWS_SESSION_TOKEN: Credentials.SessionToken,
  };
}

/** The token as text, which the CLI would need on its command line, where every user of the machine can read it. */
export const hasTokenAsText = (of: Setting): boolean =>
  json<WebIdentity>(of("assumeRoleWithWebIdentity")).some(
    ({ webIdentityTokenFile }) => webIdentityTokenFile === undefined,
  );

const json = <T>(text: string | undefined): T[] => (text === undefined ? [] : [JSON.parse(text) as T]);

const byRole = (role: Role): string[] => [
  ...["sts", "assume-role", ...session(role)],
  ...option("external-id", role.externalId),
  ...option("source-identity", role.sourceIdentity),
  ...option(
    "tags",
    role.tags && JSON.stringify(Object.entries(role.tags).map(([Key, Value]) => ({ Key, Value }))),
  ),
  ...option("transitive-tag-keys", ...(role.transitiveTagKeys ?? [])),
];

const byToken = (identity: WebIdentity): string[] => [
  ...["sts", "assume-role-with-web-identity", ...session(identity)],
  ...option("web-identity-token", identity.webIdentityTokenFile && `file://${identity.webIdentityTokenFile}`),
];

const session = ({ roleArn, sessionName = "pulumi", policy, policyArns = [] }: Role): string[] => [
  ...option("role-arn", roleArn),
  ...option("role-session-name", sessionName),
  ...option("policy", policy),
  ...option("policy-arns", ...policyArns.map((arn) => `arn=${arn}`)),
];

const option = (name: string, ...values: readonly (string | undefined)[]): string[] => {
  const given = values.filter((value) => value !== undefined);
  return given.length === 0 ? [] : [`--${name}`, ...given];
};
