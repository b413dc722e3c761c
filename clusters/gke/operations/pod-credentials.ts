import type { PodCredentials } from "../../operations";

/** The metadata server: https://docs.cloud.google.com/kubernetes-engine/docs/concepts/workload-identity */
export const podCredentials: PodCredentials = {
  usedBy: ["CLAUDE_CODE_USE_VERTEX", "GOOGLE_GENAI_USE_VERTEXAI"],
  missing: "",
  seconds: `
    const host = env.GCE_METADATA_HOST ?? "169.254.169.254";
    const url = "http://" + host + "/computeMetadata/v1/instance/service-accounts/default/token";
    return (await json(url, { headers: { "Metadata-Flavor": "Google" } })).expires_in;
  `,
};
