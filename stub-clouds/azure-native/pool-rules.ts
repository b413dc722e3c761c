import type { Values } from "../types";
import { refusedIf } from "./common";

/**
 * Fields that the specification of a stable version has and its service does not know.
 * https://github.com/Azure/azure-rest-api-specs/issues/40740
 */
const unknownFields = ({ securityProfile }: Values): string[] =>
  refusedIf(securityProfile?.sshAccess !== undefined, 'UnmarshalError: json: unknown field "sshAccess"');

const SPOT = "kubernetes.azure.com/scalesetpriority";

/** https://learn.microsoft.com/azure/aks/use-labels: AKS's own prefix, of which a spot pool repeats one label and taint */
const reserved = ({ nodeLabels = {}, nodeTaints = [] }: Values): string[] =>
  [
    ...Object.keys(nodeLabels as object),
    ...(nodeTaints as readonly string[]).map((taint) => taint.split(/[=:]/)[0] ?? ""),
  ]
    .filter((key) => key.startsWith("kubernetes.azure.com/") && key !== SPOT)
    .map(
      (key) => `The label or taint ${key} has the prefix kubernetes.azure.com, which is reserved for AKS.`,
    );

/** https://learn.microsoft.com/azure/aks/cluster-autoscaler */
const countRules = ({ name, agentPoolName, enableAutoScaling, minCount, maxCount }: Values): string[] =>
  refusedIf(
    enableAutoScaling === true && minCount > maxCount,
    `minCount of ${name ?? agentPoolName} is above its maxCount.`,
  );

/** https://learn.microsoft.com/azure/aks/quotas-skus-regions: 10 to 250 pods for each node with Azure CNI */
const podRules = ({ maxPods }: Values): string[] =>
  refusedIf(maxPods !== undefined && (maxPods < 10 || maxPods > 250), "maxPods must be between 10 and 250.");

/** https://learn.microsoft.com/azure/aks/use-pod-sandboxing: only sizes with nested virtualization, such as Dv3, and AzureLinux */
const sandboxRules = ({ workloadRuntime, osSKU, vmSize = "" }: Values): string[] =>
  workloadRuntime === "KataVmIsolation"
    ? [
        ...refusedIf(osSKU !== "AzureLinux", "KataVmIsolation requires OS SKU AzureLinux."),
        ...refusedIf(
          /^Standard_([AB]|D?S?\d+\w*_v2|\w*\dp)/.test(String(vmSize)),
          `The VM size ${vmSize} does not support nested virtualization, which workload runtime KataVmIsolation requires.`,
        ),
      ]
    : [];

/** Rules of every pool. */
export const poolRules = (pool: Values): string[] => [
  ...unknownFields(pool),
  ...reserved(pool),
  ...countRules(pool),
  ...podRules(pool),
  ...sandboxRules(pool),
];

/** https://learn.microsoft.com/azure/aks/spot-node-pool#limitations */
export const spotRules = ({ scaleSetPriority, mode, nodeTaints = [] }: Values): string[] =>
  scaleSetPriority === "Spot"
    ? [
        ...refusedIf(mode === "System", "A Spot pool can't be a system pool."),
        ...refusedIf(
          !nodeTaints.includes(`${SPOT}=spot:NoSchedule`),
          "A Spot pool must have the taint kubernetes.azure.com/scalesetpriority=spot:NoSchedule.",
        ),
      ]
    : [];

/** https://learn.microsoft.com/azure/aks/faq: properties of an existing pool that only a new one can have */
const FIXED = [
  "vmSize",
  "osDiskSizeGB",
  "vnetSubnetID",
  "maxPods",
  "osSKU",
  "scaleSetPriority",
  "spotMaxPrice",
  "workloadRuntime",
];

export const fixedIn = (before: Values, after: Values): string[] =>
  FIXED.filter((key) => after[key] !== before[key]).map(
    (key) => `PropertyChangeNotAllowed: Changing property 'properties.${key}' is not allowed.`,
  );
