/** Services that a subscription must have registered before it may use them, in a world that asks for it. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import type { Token, Values } from "../types";
import { registeredIn } from "../vendor/account-commands";
import { ASKS } from "../vendor/accounts";
import { api } from "./refusals";
import { CLUSTER, COLLECTION, DIAGNOSTICS } from "./tokens";

/**
 * What the provider does not register by itself: it does so for an error that only the service of the request returns
 * (policy_register_rp.go of azcore). AKS calls other services, and Insights returns another error
 * (https://github.com/pulumi/pulumi-azure-native/issues/3479).
 */
const NEEDS: Readonly<Record<Token, readonly string[]>> = {
  [CLUSTER]: ["Microsoft.Compute", "Microsoft.Storage"],
  [COLLECTION]: ["Microsoft.Insights"],
  [DIAGNOSTICS]: ["Microsoft.Insights"],
};

/** Read once: a login does not change while an engine runs. */
export const registrations = (world: string): Values =>
  existsSync(join(world, ASKS)) ? { registered: registeredIn(world) } : {};

/** Why a subscription may not have a resource of a type. */
export function unregistered(token: Token, { registered }: Values): string | undefined {
  if (registered === undefined) return undefined;
  const missing = NEEDS[token]?.find((each) => !(registered as string[]).includes(each));
  return missing === undefined
    ? undefined
    : api(
        "409",
        missing === "Microsoft.Insights" ? "Conflict" : "MissingSubscriptionRegistration",
        `The subscription is not registered to use namespace '${missing}'.`,
      );
}
