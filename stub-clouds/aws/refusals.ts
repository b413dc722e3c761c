import type { Refusals, Token } from "../types";

/** The account of the stub. */
export const ACCOUNT = "123456789012";
export const PARTITION = "aws";
/** The identity of every program in a world. */
export const CALLER = `arn:${PARTITION}:iam::${ACCOUNT}:user/stub`;

const kind = (token: Token): string => token.slice(token.lastIndexOf(":") + 1);
const service = (token: Token): string => (token.split(":")[1] ?? "").split("/")[0] ?? "";
const api = (token: Token, code: number, error: string, message: string): string =>
  `operation error ${service(token).toUpperCase()}: ${kind(token)}, https response error StatusCode: ${code}, ${error}: ${message}`;

export const refusals: Refusals = {
  notFound: (token, value) => {
    if (service(token) === "ec2")
      return api(token, 400, `Invalid${kind(token)}ID.NotFound`, `The ID '${value}' does not exist`);
    if (service(token) === "iam") return api(token, 404, "NoSuchEntity", `${value} cannot be found.`);
    return api(
      token,
      404,
      "ResourceNotFoundException",
      `No ${kind(token).toLowerCase()} found for name: ${value}.`,
    );
  },
  notReady: ({ token, id }) =>
    api(token, 400, "InvalidRequestException", `${kind(token)} ${id} is not in ACTIVE state`),
  exists: (token, id) =>
    service(token) === "iam"
      ? api(token, 409, "EntityAlreadyExists", `${kind(token)} with name ${id} already exists.`)
      : service(token) === "cloudwatch"
        ? api(token, 400, "ResourceAlreadyExistsException", "The specified log group already exists")
        : api(token, 409, "ResourceInUseException", `${kind(token)} already exists with name: ${id}`),
  inUse: ({ token, id }, by) => {
    if (service(token) === "ec2")
      return api(
        token,
        400,
        "DependencyViolation",
        `The ${kind(token)} '${id}' has dependencies and cannot be deleted.`,
      );
    if (service(token) === "iam")
      return api(token, 409, "DeleteConflict", "Cannot delete entity, must detach all policies first.");
    if (service(token) === "efs")
      return api(token, 409, "FileSystemInUse", `The file system '${id}' has mount targets.`);
    const dependents = kind(by[0]?.token ?? "").toLowerCase();
    return api(token, 409, "ResourceInUseException", `${kind(token)} has ${dependents}s attached`);
  },
  protected: ({ token, id }) =>
    api(
      token,
      400,
      "InvalidRequestException",
      `${kind(token)} ${id} has deletion protection enabled, and can't be deleted`,
    ),
  // A reason may begin with a code of its own.
  invalid: (token, reason) => {
    const [, code = "InvalidParameterException", message = reason] = /^([A-Z]\w+): (.*)$/.exec(reason) ?? [];
    return api(token, 400, code, message);
  },
  throttled: "operation error: https response error StatusCode: 400, ThrottlingException: Rate exceeded",
  quota: (token) => api(token, 400, `${kind(token)}LimitExceeded`, "The maximum number has been reached."),
  denied: (method, token) =>
    api(
      token,
      403,
      "AccessDeniedException",
      `User: ${CALLER} is not authorized to perform: ${service(token)}:${method}${kind(token)}`,
    ),
  unavailable: "operation error: https response error StatusCode: 503, ServiceUnavailable",
  // https://github.com/turbot/steampipe-plugin-github/issues/469
  expired:
    "operation error STS: GetCallerIdentity, get identity: get credentials: failed to refresh cached credentials, refresh " +
    "cached SSO token failed, unable to refresh SSO token, operation error SSO OIDC: CreateToken, https response error " +
    "StatusCode: 400, RequestID: 06215636-0fb1-4274-8a2c-3c15cf2ea18a, InvalidGrantException: ",
};
