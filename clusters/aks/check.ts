import type { Problem } from "../../config/problems";
import { type Finding, found, violation } from "../findings";
import { missingProgram } from "../preflight";
import { checkShared, clusterProblems } from "../checks";
import { VERSIONS } from "../versions";
import type { Config } from "./config";
import { formats } from "./formats";
import { PROGRAMS } from "./kubeconfig";
import { checkApiRanges, checkNetwork } from "./check-network";
import { location, LOCATION_KEY } from "./location";
import { OWN_TAGS } from "./scope";
import { parseMachineType } from "./machine-types";

/** All that Azure would refuse and that can be known without asking it. */
export const check = (config: Config): Problem[] => [
  ...checkLocation(config),
  ...[formats, admins, nodes, versions, checkNetwork, checkApiRanges, encryption, tags]
    .flatMap((rule) => rule(config))
    .map(violation),
  ...clusterProblems(checkShared(config)),
  ...PROGRAMS[config.login].flatMap(missingProgram),
];

const NODE_GROUP_LENGTH = 80;
/** Regions of Azure China and of the government's Azure. */
const SOVEREIGN = /^(china|us(gov|dod|sec|nat))/;

function checkLocation({ name, resourceGroup }: Config): Problem[] {
  const value = location();
  const isRegion = (text: string) => /^[a-z]+[0-9]?$/.test(text);
  if (value === undefined || !isRegion(value)) {
    const meant = (value ?? "").toLowerCase().replace(/[^a-z0-9]/g, "");
    return [
      {
        key: LOCATION_KEY,
        rule: value === undefined ? "is missing" : `must be a region's short name; it is "${value}"`,
        fix: `pulumi config set ${LOCATION_KEY} ${isRegion(meant) ? meant : "westeurope"}`,
      },
    ];
  }
  if (SOVEREIGN.test(value)) {
    return [
      {
        key: LOCATION_KEY,
        rule: `${value} is of another Azure than the public one, whose logins and registries this program knows`,
        fix: `pulumi config set ${LOCATION_KEY} westeurope`,
      },
    ];
  }
  const group = `MC_${resourceGroup}_${name}_${value}`;
  return found(group.length > NODE_GROUP_LENGTH, () => ({
    at: ["resourceGroup"],
    rule: `with name and region it makes ${group}, ${group.length} letters; AKS takes ${NODE_GROUP_LENGTH} for the nodes' group`,
    value: "ralph-rg",
  })).map(violation);
}

function admins({ admins }: Config): Finding[] {
  const ids = admins.map(({ objectId }) => objectId.toLowerCase());
  return [
    ...found(ids.length === 0, () => ({
      at: ["admins", 0, "objectId"],
      rule: "is missing: local accounts are off, so without an administrator nobody could use the cluster",
      value: "$(az ad signed-in-user show --query id --output tsv)",
    })),
    ...ids.flatMap((id, i) =>
      found(ids.indexOf(id) < i, () => ({ at: ["admins", i], rule: `${id} is listed before` })),
    ),
  ];
}

const MOST_NODES = 1000;

function nodes({ nodes, system, pools, zones }: Config): Finding[] {
  const sizes = [
    { at: ["nodes", "machineType"], value: nodes.machineType },
    ...(nodes.spot ? [{ at: ["system", "machineType"], value: system.machineType }] : []),
  ];
  return [
    ...sizes.flatMap(({ at, value }) => {
      const size = parseMachineType(value);
      return [
        ...found(/^[AB]/.test(size?.family ?? ""), () => ({
          at,
          rule: `${value} is of a series that neither system nor spot pools take`,
          value: "Standard_D4s_v5",
        })),
        ...found((size?.vcpus ?? 2) < 2, () => ({
          at,
          rule: `${value} has 1 processor; AKS wants 2 at least`,
          value: "Standard_D4s_v5",
        })),
      ];
    }),
    ...found(nodes.max > MOST_NODES, () => ({
      at: ["nodes", "max"],
      rule: `${nodes.max} is above the ${MOST_NODES} nodes of a pool`,
      value: String(MOST_NODES),
    })),
    ...found(nodes.spot && system.min > system.max, () => ({
      at: ["system", "max"],
      rule: `${system.max} is below system.min ${system.min}`,
      value: String(system.min),
    })),
    ...found(pools.spot === pools.system, () => ({
      at: ["pools", "spot"],
      rule: `"${pools.spot}" is the name of the system pool: only a pool of its own can be spot`,
      value: pools.system === "spot" ? "spot1" : "spot",
    })),
    ...zones.flatMap((zone, i) =>
      found(zones.indexOf(zone) < i, () => ({ at: ["zones", i], rule: `${zone} is listed before` })),
    ),
  ];
}

function versions({ version, channel }: Config): Finding[] {
  if (version === undefined) return [];
  const [, minor = "", patch] = version.split(".");
  const at = ["version"];
  return [
    ...found(channel === "stable" || channel === "rapid", () => ({
      at,
      rule: `${version} beside the channel ${channel}, which chooses the version itself`,
    })),
    ...found(channel === "patch" && patch !== undefined, () => ({
      at,
      rule: `${version} beside the channel patch, which chooses the patch itself`,
      value: `1.${minor}`,
    })),
    ...found(minor.length === 2 && Number(minor) < VERSIONS.aks.oldest, () => ({
      at,
      rule: `${version} is older than 1.${VERSIONS.aks.oldest}, the oldest that AKS still makes`,
      value: "1.35",
    })),
  ];
}

const encryption = ({ kmsKey, kmsVault }: Config): Finding[] => [
  ...found(kmsKey !== undefined && kmsVault === undefined, () => ({
    at: ["kmsVault"],
    rule: "is missing: the cluster must be granted the use of kmsKey",
    value: "<resource id of the vault>",
  })),
  ...found(kmsKey === undefined && kmsVault !== undefined, () => ({
    at: ["kmsVault"],
    rule: "is set without kmsKey",
  })),
];

const MOST_TAGS = 50;

function tags({ tags }: Config): Finding[] {
  const names = Object.keys(tags);
  return [
    ...found(names.length + OWN_TAGS.length > MOST_TAGS, () => ({
      at: ["tags"],
      rule: `are ${names.length} beside ${OWN_TAGS.join(" and ")}; Azure takes ${MOST_TAGS}`,
    })),
    ...Object.entries(tags).flatMap(([name, value]) => [
      ...found(
        OWN_TAGS.some((own) => own === name.toLowerCase()),
        () => ({
          at: ["tags", name],
          rule: "is set by this program",
        }),
      ),
      // The least of what the resources of a cluster take, a storage account's name among them.
      ...found(!/^[^<>%&\\?/]{1,128}$/.test(name), () => ({
        at: ["tags", name],
        rule: "must be named by 1 to 128 letters, none of < > % & \\ ? /",
      })),
      ...found(value.length > 256, () => ({
        at: ["tags", name],
        rule: `has ${value.length} letters; Azure takes 256`,
        value: value.slice(0, 256),
      })),
    ]),
  ];
}
