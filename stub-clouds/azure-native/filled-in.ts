import type { Values } from "../types";
import { DEFAULT_MINOR } from "./version-rules";

/** What the service adds to a pool: https://learn.microsoft.com/rest/api/aks/agent-pools/get, examples of the API. */
export const filledPool = (pool: Values): Values => ({
  osDiskType: "Managed",
  kubeletDiskType: "OS",
  scaleDownMode: "Delete",
  enableFIPS: false,
  ...pool,
  currentOrchestratorVersion: `${pool.orchestratorVersion ?? `1.${DEFAULT_MINOR}`}.1`,
  nodeImageVersion: "AKSAzureLinux-V3gen2-202611.10.0",
  powerState: { code: "Running" },
  provisioningState: "Succeeded",
});

/** What it adds to the network: https://learn.microsoft.com/rest/api/aks/managed-clusters/get */
export const filledNetwork = (network: Values = {}, id: string): Values => ({
  ...network,
  ...(network.podCidr !== undefined && { podCidrs: [network.podCidr] }),
  ...(network.serviceCidr !== undefined && { serviceCidrs: [network.serviceCidr] }),
  ipFamilies: ["IPv4"],
  loadBalancerProfile: {
    managedOutboundIPs: { count: 1 },
    effectiveOutboundIPs: [{ id: `${id}/outbound` }],
    backendPoolType: "nodeIPConfiguration",
  },
});
