import type { PodCredentials } from "../../operations";

/**
 * Entra, for the token of the pod's volume:
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export const podCredentials: PodCredentials = {
  usedBy: ["CLAUDE_CODE_USE_FOUNDRY"],
  missing: "the webhook of workload identity has not seen it",
  seconds: `
    const url = given("AZURE_AUTHORITY_HOST") + given("AZURE_TENANT_ID") + "/oauth2/v2.0/token";
    const body = new URLSearchParams({
      client_id: given("AZURE_CLIENT_ID"),
      grant_type: "client_credentials",
      scope: "https://cognitiveservices.azure.com/.default",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: fs.readFileSync(given("AZURE_FEDERATED_TOKEN_FILE"), "utf8"),
    });
    return (await json(url, { method: "POST", body })).expires_in;
  `,
};
