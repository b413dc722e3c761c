import type { Context, Resource, Values } from "../types";
import { AGENT_POOL, CLUSTER } from "./tokens";

interface Machines {
  /** As `az vm list-usage` names it: `standardDSv2Family`. */
  readonly family: string;
  readonly vcpus: number;
}

/** https://learn.microsoft.com/azure/virtual-machines/dv2-dsv2-series: here the number is no count of vCPUs. */
const DSV2 = [1, 2, 4, 8, 16];

/** `Standard_D4as_v5`: letters, vCPUs, features, version. */
function machinesOf({ vmSize, count = 0 }: Values): Machines {
  const [, letters = "", size = "", features = "", version] =
    /^Standard_([A-Z]+)(\d+)([a-z]*)(?:_v(\d+))?$/.exec(String(vmSize)) ?? [];
  const each = letters === "DS" ? (DSV2[Number(size) - 1] ?? 0) : Number(size);
  const series = `${letters}${features.toUpperCase()}${version === undefined ? "" : `v${version}`}`;
  return { family: `standard${series}Family`, vcpus: each * Number(count) };
}

/** Spot machines have a quota of their own. */
const poolsOf = ({ inputs }: Pick<Resource, "inputs">): readonly Values[] =>
  [inputs, ...((inputs.agentPoolProfiles ?? []) as readonly Values[])].filter(
    ({ vmSize, scaleSetPriority }) => vmSize !== undefined && scaleSetPriority !== "Spot",
  );

/**
 * What AKS says of nodes beyond the quota of their family. The message: AKS 2026, in many public reports, such as
 * https://github.com/1ChristianAlex/motordesk/issues/14
 */
export function overVcpus(
  inputs: Values,
  { all, quotas: { vcpus }, config }: Pick<Context, "all" | "quotas" | "config">,
): string[] {
  if (vcpus === undefined) return [];
  const isOther = (each: Resource): boolean =>
    each.inputs.resourceName !== inputs.resourceName || each.inputs.agentPoolName !== inputs.agentPoolName;
  const others = [...all(CLUSTER), ...all(AGENT_POOL)].filter(isOther).flatMap(poolsOf).map(machinesOf);
  return poolsOf({ inputs })
    .map(machinesOf)
    .flatMap((wanted) => {
      const used = others
        .filter(({ family }) => family === wanted.family)
        .reduce((sum, each) => sum + each.vcpus, 0);
      const remaining = Math.max(0, vcpus - used);
      return wanted.vcpus <= remaining
        ? []
        : [
            `ErrCode_InsufficientVCPUQuota: Insufficient vcpu quota requested ${wanted.vcpus}, remaining ${remaining} for ` +
              `family ${wanted.family} for region ${config.location}. If you want to increase the quota, please follow ` +
              "this instruction: https://learn.microsoft.com/en-us/azure/quotas/view-quotas. Surge nodes would also " +
              "consume vcpu quota, please consider use smaller maxSurge or use maxUnavailable to proceed upgrade without " +
              "surge nodes, details: aka.ms/aks/maxUnavailable.",
          ];
    });
}

/**
 * Why a new cluster does not come up: its load balancer gets no address. The message:
 * https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/error-codes/publicipcountlimitreached-error
 */
export const overAddresses = ({
  all,
  quotas: { addresses },
}: Pick<Context, "all" | "quotas">): string | undefined =>
  addresses === undefined || all("azure-native:network:PublicIPAddress").length < addresses
    ? undefined
    : "Reconcile standard load balancer failed. Details: outboundReconciler retry failed: Category: ClientError; SubCode: " +
      "PublicIPCountLimitReached; Dependency: Microsoft.Network/PublicIPAddresses; OrginalError: " +
      `Code="PublicIPCountLimitReached" Message="Cannot create more than ${addresses} public IP addresses for this ` +
      'subscription in this region." Details=[]; AKSTeam: Networking, Retriable: false.';
