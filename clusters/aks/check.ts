import { checkFormats, checkUnique } from "../../config/checks";
import { type Finding, findIf, forbidden, invalid, required } from "../../config/findings";
import type { Problem } from "../../config/problems";
import {
  checkMachineSize,
  checkShared,
  checkTags,
  checkVersion,
  clusterProblems,
  type TagRules,
} from "../checks";
import { missingProgram } from "../preflight";
import { OWN_TAGS } from "../scope";
import { VERSIONS } from "../versions";
import { checkApiRanges, checkNetwork } from "./check-network";
import type { Config } from "./config";
import { FORMATS, MACHINE_TYPE } from "./formats";
import { PROGRAMS } from "./kubeconfig";
import { checkLocation, location } from "./location";
import { architecture, nestsVirtualMachines, parseMachineType } from "./machine-types";
import { machineTypes } from "./nodes";

/** Everything that Azure would reject and that can be known without calling it. */
export const check = (config: Config): Problem[] => [
  ...checkLocation(),
  ...clusterProblems([
    ...checkFormats(config, FORMATS),
    ...checkUnique(config, "zones[]"),
    ...checkUnique(config, "admins[].objectId", { ignoreCase: true }),
    ...checkAdmins(config),
    ...checkNodeGroup(config),
    ...checkPools(config),
    ...checkFurtherPools(config),
    ...checkMachineTypes(config),
    ...checkChannel(config),
    ...checkVersion(config.version, VERSIONS.aks),
    ...checkNetwork(config),
    ...checkApiRanges(config),
    ...checkEncryption(config),
    ...checkTransit(config),
    ...checkTags(config.tags, TAGS),
    ...checkTagCount(config),
    ...checkShared(config),
  ]),
  ...PROGRAMS[config.login].flatMap(missingProgram),
];

const checkAdmins = ({ admins }: Config): readonly Finding[] =>
  findIf(admins.length === 0, () =>
    required(
      ["admins", 0, "objectId"],
      "$(az ad signed-in-user show --query id --output tsv)",
      "local accounts are disabled, so without an administrator no one could use the cluster",
    ),
  );

const MAX_NODE_GROUP_LENGTH = 80;

/** AKS names the resource group of the nodes after the cluster, its group and its region. */
function checkNodeGroup({ name, resourceGroup }: Config): readonly Finding[] {
  const region = location();
  const group = `MC_${resourceGroup}_${name}_${region}`;
  return findIf(region !== undefined && group.length > MAX_NODE_GROUP_LENGTH, () =>
    invalid(
      ["resourceGroup"],
      resourceGroup,
      `must be shorter: AKS names the node resource group ${group}, which has ${group.length} characters ` +
        `and may have ${MAX_NODE_GROUP_LENGTH}`,
      "ralph-rg",
    ),
  );
}

const MAX_NODES = 1000;

const checkPools = ({ nodes, system, pools }: Config): readonly Finding[] => [
  ...findIf(nodes.max > MAX_NODES, () =>
    invalid(
      ["nodes", "max"],
      nodes.max,
      `must be at most ${MAX_NODES}, AKS's limit for a pool`,
      String(MAX_NODES),
    ),
  ),
  ...findIf(nodes.spot && system.min > system.max, () =>
    invalid(["system", "max"], system.max, `must be at least system.min, ${system.min}`, String(system.min)),
  ),
  ...findIf(pools.spot === pools.system, () =>
    invalid(
      ["pools", "spot"],
      pools.spot,
      "must differ from pools.system, because a system pool cannot be a spot pool",
      pools.system === "spot" ? "spot1" : "spot",
    ),
  ),
];

/** AKS reserves labels and taints of this prefix: https://learn.microsoft.com/azure/aks/use-labels */
const RESERVED_PREFIX = "kubernetes.azure.com/";

const checkFurtherPools = ({ nodes, nodePools, pools }: Config): readonly Finding[] =>
  nodePools.flatMap(({ name, machineType, max, sandbox, labels, taints }, i) => {
    const at = ["nodePools", i];
    const reserved = (key: string) => key.startsWith(RESERVED_PREFIX);
    const type = parseMachineType(machineType);
    const own = [pools.system, ...(nodes.spot ? [pools.spot] : [])];
    return [
      ...findIf(own.includes(name), () =>
        invalid([...at, "name"], name, `must differ from the program's own pools, ${own.join(" and ")}`),
      ),
      ...findIf(max > MAX_NODES, () =>
        invalid(
          [...at, "max"],
          max,
          `must be at most ${MAX_NODES}, AKS's limit for a pool`,
          String(MAX_NODES),
        ),
      ),
      ...findIf(sandbox && type !== undefined && !nestsVirtualMachines(type), () =>
        invalid(
          [...at, "machineType"],
          machineType,
          "must support nested virtualization for a sandbox, as sizes of series D and E from v3 on",
          MACHINE_TYPE,
        ),
      ),
      ...(sandbox ? checkMachineSize([...at, "machineType"], machineType, type ?? {}, MACHINE_TYPE) : []),
      ...Object.keys(labels)
        .filter(reserved)
        .map((key) => forbidden([...at, "labels", key], `AKS reserves the prefix ${RESERVED_PREFIX}`)),
      ...taints.flatMap(({ key }, j) =>
        findIf(reserved(key), () =>
          forbidden([...at, "taints", j], `AKS reserves the prefix ${RESERVED_PREFIX}`),
        ),
      ),
    ];
  });

const checkMachineTypes = ({ nodes, system }: Config): readonly Finding[] =>
  Object.entries({ nodes, ...(nodes.spot ? { system } : {}) }).flatMap(([pool, { machineType }]) => {
    const at = [pool, "machineType"];
    const type = parseMachineType(machineType);
    return [
      ...findIf(/^[AB]/.test(type?.family ?? ""), () =>
        invalid(
          at,
          machineType,
          "must not be of the A or B series, which system and spot pools do not support",
          MACHINE_TYPE,
        ),
      ),
      ...checkMachineSize(at, machineType, type ?? {}, MACHINE_TYPE),
    ];
  });

function checkChannel({ version, channel }: Config): readonly Finding[] {
  const [, minor = "", patch] = (version ?? "").split(".");
  return [
    ...findIf(version !== undefined && (channel === "stable" || channel === "rapid"), () =>
      forbidden(["version"], `the channel ${channel} chooses the version`),
    ),
    ...findIf(channel === "patch" && patch !== undefined, () =>
      invalid(["version"], version, "must have no patch, which the channel patch chooses", `1.${minor}`),
    ),
  ];
}

const checkEncryption = ({ kmsKey, kmsVault }: Config): readonly Finding[] => [
  ...findIf(kmsKey !== undefined && kmsVault === undefined, () =>
    required(["kmsVault"], "<resource id of the vault>", "the cluster must be granted the use of kmsKey"),
  ),
  ...findIf(kmsKey === undefined && kmsVault !== undefined, () =>
    forbidden(["kmsVault"], "it has no effect without kmsKey"),
  ),
];

/** https://github.com/kubernetes-sigs/azurefile-csi-driver/pull/2641 */
function checkTransit(config: Config): readonly Finding[] {
  const arm = machineTypes(config).find((type) => architecture(type) === "arm64");
  return findIf(config.storage.encryptInTransit && arm !== undefined, () =>
    forbidden(
      ["storage", "encryptInTransit"],
      `the driver of Azure Files cannot encrypt on Arm machines, such as ${arm}`,
    ),
  );
}

/** The strictest limits of all resources of a cluster; those for keys are a storage account's. */
const TAGS: TagRules = {
  isReserved: (key) => OWN_TAGS.some((own) => own === key.toLowerCase()),
  key: {
    holds: /^[^<>%&\\?/]{1,128}$/,
    rule: "must be a name of 1 to 128 characters without < > % & \\ ? /",
  },
  value: {
    holds: /^[^]{0,256}$/,
    rule: "must have at most 256 characters",
    spell: (value) => value.slice(0, 256),
  },
};
const MAX_TAGS = 50;

function checkTagCount({ tags }: Config): readonly Finding[] {
  const [count, max] = [Object.keys(tags).length, MAX_TAGS - OWN_TAGS.length];
  return findIf(count > max, () => ({
    at: ["tags"],
    rule: `must be at most ${max} beside ${OWN_TAGS.join(" and ")}, and are ${count}`,
  }));
}
