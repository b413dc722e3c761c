import type { Refusals, Token } from "../types";

export const SUBSCRIPTION = "00000000-0000-0000-0000-000000000001";
export const TENANT = "00000000-0000-0000-0000-000000000002";

const kind = (token: Token): string => token.slice(token.lastIndexOf(":") + 1);
export const api = (status: string, code: string, message: string): string =>
  `Status=${status} Code="${code}" Message="${message}"`;

export const refusals: Refusals = {
  notFound: (token, value) =>
    kind(token) === "ResourceGroup"
      ? api("404", "ResourceGroupNotFound", `Resource group '${value}' could not be found.`)
      : api("404", "ResourceNotFound", `The Resource '${kind(token)}/${value}' was not found.`),
  notReady: ({ id }) =>
    api("409", "OperationNotAllowed", `${id} is in a provisioning state that allows no change.`),
  exists: (_, id) => `cannot create already existing resource '${id}'`,
  inUse: ({ id, token }, by) => {
    const [{ id: dependent, token: type } = { id: "", token: "" }] = by;
    if (kind(type).startsWith("ManagementLock"))
      return api(
        "409",
        "ScopeLocked",
        `The scope '${id}' cannot perform delete operation because following scope(s) are locked: '${dependent}'.`,
      );
    return api(
      "400",
      `InUse${kind(token)}CannotBeDeleted`,
      `${kind(token)} ${id} is in use by ${dependent} and cannot be deleted.`,
    );
  },
  protected: ({ id }) => api("409", "ScopeLocked", `The scope '${id}' is locked.`),
  // A reason can begin with a code of its own, or be a whole answer.
  invalid: (_, reason) => {
    if (reason.startsWith("Status=")) return reason;
    const [, code = "InvalidParameter", message = reason] = /^([A-Z]\w+): (.*)$/s.exec(reason) ?? [];
    return api("400", code, message);
  },
  throttled: api("429", "TooManyRequests", "The request is being throttled."),
  quota: () =>
    api(
      "400",
      "ErrCode_InsufficientVCPUQuota",
      "Insufficient vcpu quota requested 6, remaining 0 for family standardDSv2Family for region eastus.",
    ),
  denied: (method, token) =>
    api(
      "403",
      "AuthorizationFailed",
      `The client does not have authorization to perform action '${kind(token)}/${method.toLowerCase()}'.`,
    ),
  unavailable: api("503", "ServiceUnavailable", "The service is unavailable."),
  // https://github.com/MicrosoftDocs/executable-docs/issues/667, by azidentity's AzureCLICredential
  expired:
    "AzureCLICredential: ERROR: AADSTS70043: The refresh token has expired or is invalid due to sign-in frequency checks by " +
    "conditional access. The token was issued on 2026-11-29T05:53:09.5071163Z and the maximum allowed lifetime for this " +
    "request is 43200. Interactive authentication is needed. Please run:\n" +
    "az login --scope https://management.core.windows.net//.default",
};
