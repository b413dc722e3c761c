import * as pulumi from "@pulumi/pulumi";
import { type AccountQuestion, loggedOut } from "../preflight";
import { configuredProfile } from "./credentials";

/** With these, the provider has another login than the AWS CLI. */
const OTHER_LOGINS = ["accessKey", "sharedCredentialsFiles", "sharedConfigFiles"];

/** Whether the AWS CLI has a login, which is also the provider's. */
export function account(): AccountQuestion | undefined {
  const provider = new pulumi.Config("aws");
  if (OTHER_LOGINS.some((key) => provider.get(key))) return undefined;
  const [region, profile] = [provider.get("region"), configuredProfile()];
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
