import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../../config/problems";

/** The region is a key of the provider, which applies it to every resource that sets none. */
const KEY = "azure-native:location";
const EXAMPLE = "westeurope";
/** Regions of Azure China and Azure Government. */
const SOVEREIGN = /^(china|us(gov|dod|sec|nat))/;

const isName = (text: string): boolean => /^[a-z]+[0-9]?$/.test(text);
const configured = (): string | undefined => new pulumi.Config("azure-native").get("location");

/** The region, as Azure's short name; undefined if the stack has no valid one. */
export function location(): string | undefined {
  const value = configured();
  return value !== undefined && isName(value) ? value : undefined;
}

/** The provider's key is not a part of `ralph:cluster`, so its problems have commands of their own. */
export function checkLocation(): Problem[] {
  const value = configured();
  const problem = (rule: string, example = EXAMPLE): Problem => ({
    key: KEY,
    rule,
    fix: `pulumi config set ${KEY} ${example}`,
  });
  if (value === undefined) return [problem("is missing")];
  if (SOVEREIGN.test(value)) {
    return [
      problem(`${value} is in a sovereign cloud; only regions of the public Azure cloud are supported`),
    ];
  }
  if (isName(value)) return [];
  const likely = value.toLowerCase().replace(/[^a-z0-9]/g, "");
  return [problem(`must be the short name of a region; it is "${value}"`, isName(likely) ? likely : EXAMPLE)];
}
