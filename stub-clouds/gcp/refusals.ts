import type { Refusals, Token } from "../types";

/** `networks`, as Google names a type in its messages. */
const kind = (token: Token): string => {
  const type = token.slice(token.lastIndexOf(":") + 1);
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}`;
};

export const refusals: Refusals = {
  notFound: (token, value) =>
    `googleapi: Error 404: The resource '${value}' of type '${kind(token)}' was not found, notFound`,
  notReady: ({ id }) => `googleapi: Error 400: The resource '${id}' is not ready, resourceNotReady`,
  exists: (_, id) => `googleapi: Error 409: Already exists: ${id}., alreadyExists`,
  // A network is deleted by an operation, and the provider prints the operation's message without its code:
  // https://github.com/hashicorp/terraform-provider-google/issues/5948
  inUse: ({ id, token }, by) =>
    token === "gcp:compute/network:Network"
      ? `Error waiting for Deleting Network: The network resource '${id}' is already being used by '${by[0]?.id}'`
      : `googleapi: Error 400: The ${kind(token)} resource '${id}' is already being used by '${by[0]?.id}', resourceInUseByAnotherResource`,
  protected: ({ name, id }) =>
    `Cannot destroy ${name ?? id} because deletion_protection is set to true. Set it to false to proceed with instance deletion.`,
  // A rule may have a code of its own.
  invalid: (_, reason) =>
    reason.startsWith("googleapi: ") ? reason : `googleapi: Error 400: ${reason}, badRequest`,
  throttled: "googleapi: Error 429: Quota exceeded for quota metric 'Queries' per minute, rateLimitExceeded",
  quota: () =>
    "googleapi: Error 403: Insufficient regional quota to satisfy request: resource \"SSD_TOTAL_GB\": request requires '300.0' and is short '50.0'. project has a quota of '250.0' with '250.0' available., forbidden",
  denied: (method, token) =>
    `googleapi: Error 403: Required '${kind(token)}s.${method.toLowerCase()}' permission, forbidden`,
  unavailable: "googleapi: Error 503: The service is currently unavailable., backendError",
  // https://github.com/pulumi/pulumi-gcp/issues/479
  expired:
    'oauth2: cannot fetch token: 400 Bad Request\nResponse: {\n  "error": "invalid_grant",\n  "error_description": ' +
    '"reauth related error (rapt_required)",\n  "error_subtype": "rapt_required"\n}',
};
