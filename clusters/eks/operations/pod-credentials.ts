import type { PodCredentials } from "../../operations";

/** The agent on the node: https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html */
export const podCredentials: PodCredentials = {
  usedBy: ["CLAUDE_CODE_USE_BEDROCK"],
  missing:
    "the cluster has no pod identity association for its service account, or had none when the pod started",
  seconds: `
    const url = given("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    const token = fs.readFileSync(given("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"), "utf8");
    const { AccessKeyId, Expiration } = await json(url, { headers: { Authorization: token } });
    if (AccessKeyId === undefined) throw new Error("the agent on the node answers without credentials");
    return Math.round((Date.parse(Expiration) - Date.now()) / 1000);
  `,
};
