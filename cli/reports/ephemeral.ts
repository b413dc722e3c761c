import type { DownResult } from "../../operations/ephemeral/down";
import type { UpResult } from "../../operations/ephemeral/up";
import { keptText, leaksText } from "./leaks";

export const upText = ({ stack, cloud, clusterName, namespace, expires, owner }: UpResult): string =>
  [
    `Stack ${stack} is up: cluster ${clusterName} on ${cloud}, namespace ${namespace}.`,
    `It expires at ${expires}${owner === undefined ? "" : `; its owner is ${owner}`}.`,
    `  look    pulumi stack output kubeconfig --show-secrets --stack ${stack} > kubeconfig`,
    `  longer  ./ralphctl ephemeral up --cloud ${cloud} --name ${stack} --ttl 8h`,
    `  end     ./ralphctl ephemeral down --name ${stack}`,
  ].join("\n");

export function downText({ stack, outcome, leaks, ...result }: DownResult): string {
  if (outcome === "absent") return `There is no stack ${stack}: nothing to do.`;
  if (outcome === "declined") return "Nothing was changed.";
  return [
    ...keptText(result),
    leaksText(leaks, stack),
    outcome === "removed"
      ? `Stack ${stack} is deleted.`
      : `The empty stack ${stack} stays as a reminder: run these commands, then this one again.`,
  ].join("\n");
}
