import { commandLine } from "../../../lib/shell";
import type { CloudOperations, Login, LoginStep, Place } from "../../operations";
import { assumptions, credentialsIn, hasTokenAsText, keysOf, VARIABLES } from "../login";

/** Whether the provider's configuration has credentials of its own, before which the profile is of no effect. */
export const hasOwnLogin = ({ provider }: Pick<Place, "provider">): boolean =>
  Object.values(VARIABLES).some((key) => provider[key] !== undefined) || assumesRole({ provider });

const assumesRole = ({ provider }: Pick<Place, "provider">): boolean =>
  ["assumeRoles", "assumeRoleWithWebIdentity"].some((key) => provider[key] !== undefined);

/** Keys in the provider's configuration, and the roles that it assumes one after another. */
export const login: CloudOperations["login"] = ({ provider, stack }) => {
  if (!hasOwnLogin({ provider })) return undefined;
  const setting = (key: string) => provider[key];
  const keys = keysOf(setting);
  const hasKeys = Object.keys(keys).length > 0;
  // An option wins over variables: only the first step may have it.
  const asked = assumptions(setting).map((words, i) => [
    ...["aws", ...words],
    ...(provider.region === undefined ? [] : ["--region", provider.region]),
    ...(provider.profile === undefined || hasKeys || i > 0 ? [] : ["--profile", provider.profile]),
  ]);
  const fix = `check that your own identity may assume it: aws sts get-caller-identity; and pulumi config --stack ${stack}`;
  const step = (words: readonly string[]): LoginStep => ({
    ask: [...words, "--output", "json"],
    then: (stdout) => ({ variables: credentialsIn(stdout) }),
    fix,
  });
  return {
    variables: keys,
    steps: asked.map(step),
    commands: [
      ...Object.entries(VARIABLES)
        .filter(([variable]) => variable in keys)
        .map(([variable, key]) => `export ${variable}="$(pulumi config get aws:${key} --stack ${stack})"`),
      ...asked.map(assumeInShell),
    ],
    ...(hasTokenAsText(setting) ? { impossible: TOKEN_AS_TEXT } : {}),
  } satisfies Login;
};

const TOKEN_AS_TEXT = {
  reason: "the AWS CLI reads the token of aws:assumeRoleWithWebIdentity from a file only",
  fix: "put it into a file, and set webIdentityTokenFile in place of webIdentityToken",
};

/** The credentials pass through the shell's own commands, and are in no program's arguments. */
const assumeInShell = (words: readonly string[]): string => {
  const query = "Credentials.[AccessKeyId,SecretAccessKey,SessionToken]";
  const printed = commandLine([...words, "--query", query, "--output", "text"]);
  const values = Object.keys(VARIABLES).map(
    (name, i) => `${name}="$(printf '%s' "$session" | cut -f${i + 1})"`,
  );
  return `session="$(${printed})" && export ${values.join(" ")}`;
};
