import { type AccountQuestion, hasOtherLogin, loggedOut, type OtherLogins } from "../preflight";
import { configuredProfile } from "./credentials";
import { configuredRegion } from "./location";

/** With these, the provider has another login than the AWS CLI. */
const OTHER_LOGINS: OtherLogins = { keys: ["accessKey", "sharedCredentialsFiles", "sharedConfigFiles"] };

/** Whether the AWS CLI has a login, which is also the provider's. */
export function account(): AccountQuestion | undefined {
  if (hasOtherLogin("aws", OTHER_LOGINS)) return undefined;
  const [region, profile] = [configuredRegion(), configuredProfile()];
  const chosen = profile === undefined ? [] : ["--profile", profile];
  return {
    ask: [
      ...(["aws", "sts", "get-caller-identity", "--output", "json"] as const),
      ...(region === undefined ? [] : ["--region", region]),
      ...chosen,
    ],
    problems: (answer) =>
      loggedOut("aws", answer, `${["aws sso login", ...chosen].join(" ")}, or aws configure`),
  };
}
