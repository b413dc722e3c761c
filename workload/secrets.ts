import type { SecretAccess } from "../clusters/types";
import type { RalphConfig } from "./keys";
import { SECRETS_OPERATOR, SECRETS_READER } from "./names";

/** What the cloud lets External Secrets read. */
export const secretAccess = ({ namespace, secretStore: { prefix, vault } }: RalphConfig): SecretAccess => ({
  reader: { namespace, name: SECRETS_READER },
  operator: SECRETS_OPERATOR,
  prefix,
  vault,
});
