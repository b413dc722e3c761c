import * as pulumi from "@pulumi/pulumi";
import { type Path, propertyPath } from "../../config/path";
import type { Violation } from "../../config/violations";
import { canonical, overlaps, sizeOf } from "../cidr";
import { missingProgram } from "../preflight";
import { checkShared } from "../schema";
import { accountId, type Config, FILESTORE_GIB } from "./config";
import { isLocation, isZone, regionOf, zoneCount } from "./location";
import { isMachineType, machineSize } from "./machine";
import { SYSTEM_POOL } from "./pools";
import { bitsOf, isRange } from "./ranges";

/** What is wrong with a key, and a value that would be right; without one the key goes. */
interface Finding {
  readonly at: Path;
  readonly rule: string;
  readonly value?: string;
}

type Rule = (config: Config) => Finding[];

/** All that a cluster's configuration must keep and its schema does not say. */
export function check(config: Config): Violation[] {
  return [
    ...foreignViolations(config),
    ...checkShared(config),
    ...RULES.flatMap((rule) => rule(config)).map(violation),
    ...(config.credentials === "gcloud" ? missingProgram(GCLOUD) : []),
    ...missingProgram(PLUGIN),
  ];
}

const PLUGIN = {
  command: "gke-gcloud-auth-plugin",
  install: "gcloud components install gke-gcloud-auth-plugin",
};
const GCLOUD = { command: "gcloud", install: "https://cloud.google.com/sdk/docs/install" };

const PROJECT = /^[a-z][-a-z0-9]{4,28}[a-z0-9]$/;
const ACCOUNT = /^[a-z][-a-z0-9]{4,28}[a-z0-9]$/;
const NAME = /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/;
const KMS_KEY = /^projects\/[^/]+\/locations\/([^/]+)\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/;
const LABEL_KEY = /^[a-z][a-z0-9_-]{0,62}$/;
const LABEL_VALUE = /^[a-z0-9_-]{0,63}$/;
const START = /^([01]\d|2[0-3]):[0-5]\d$/;
const VERSION = /^1\.(\d{2})(\.\d+(-gke\.\d+)?)?$/;
const MINOR = /^1\.\d{2}$/;
/** The oldest minor version that every release channel but EXTENDED has left, and the newest known here. */
const OLDEST_MINOR = 33;
const NEWEST_MINOR = 37;

/** The guide's prerequisite for a node. */
const LEAST_CPUS = 2;
const LEAST_GIB = 4;

/** Pods of one node get a /24, and Google keeps four addresses of a subnet. */
const ADDRESSES_OF_A_NODE = 256;
const RESERVED_ADDRESSES = 4;
/** Upgrades add one node to a pool before they take one away. */
const SURGE = 1;
const CONTROL_PLANE_BITS = 28;
const MOST_SERVICES_BITS = 27;

const KEYS = ["nodes", "pods", "services", "controlPlane"] as const;
const EXAMPLE = {
  nodes: "10.0.0.0/20",
  pods: "10.4.0.0/14",
  services: "10.8.0.0/20",
  controlPlane: "172.16.0.0/28",
} as const;

/** What a maintenance window must give: 48 hours in any 32 days, so in four weeks to be safe. */
const LEAST_MAINTENANCE_HOURS = 48;
const WEEKS = 4;

const one = (broken: boolean, finding: () => Finding): Finding[] => (broken ? [finding()] : []);
const quote = (text: unknown): string => JSON.stringify(text);

const RULES: readonly Rule[] = [
  ({ name }) =>
    one(!NAME.test(name), () => ({
      at: ["name"],
      rule: `${quote(name)} must be at most 40 lower-case letters, digits and '-', from a letter on`,
      value: "ralph-cluster",
    })),
  (config) =>
    one(!ACCOUNT.test(accountId(config)) && NAME.test(config.name), () => ({
      at: ["serviceAccount"],
      rule: `${quote(accountId(config))} must be 6 to 30 lower-case letters, digits and '-', from a letter on`,
      value: "ralph-nodes",
    })),
  ({ location }) =>
    one(!isLocation(location), () => ({
      at: ["location"],
      rule: `${quote(location)} must be a zone such as us-central1-a or a region such as us-central1`,
      value: "us-central1-a",
    })),
  ({ location, zones }) => {
    const region = regionOf(location);
    return zones.flatMap((zone, i) => {
      const others = isLocation(location) && (!isZone(zone) || regionOf(zone) !== region);
      return [
        ...one(others, () => ({
          at: ["zones", i],
          rule: `${quote(zone)} must be a zone of ${region}`,
          value: `${region}-b`,
        })),
        ...one(zone === location || zones.indexOf(zone) < i, () => ({
          at: ["zones", i],
          rule: `${quote(zone)} is named twice; the zone of cluster.location counts already`,
        })),
      ];
    });
  },
  ({ nodes: { machineType } }) => {
    const at = ["nodes", "machineType"];
    const value = "n1-standard-2";
    if (!isMachineType(machineType))
      return [{ at, rule: `${quote(machineType)} must be a machine type such as ${value}`, value }];
    const { cpus, gib } = machineSize(machineType) ?? { cpus: LEAST_CPUS, gib: LEAST_GIB };
    return one(cpus < LEAST_CPUS || gib < LEAST_GIB, () => ({
      at,
      rule: `${machineType} has ${cpus} vCPU and ${gib} GiB; a node needs ${LEAST_CPUS} and ${LEAST_GIB}`,
      value,
    }));
  },
  ({ version, releaseChannel }) => {
    if (version === undefined) return [];
    const minor = Number(VERSION.exec(version)?.[1]);
    const channel = releaseChannel !== "UNSPECIFIED";
    return [
      ...one(Number.isNaN(minor), () => ({
        at: ["version"],
        rule: `${quote(version)} must be a version such as 1.35, or none: in YAML it needs quotes`,
      })),
      ...one(minor < OLDEST_MINOR, () => ({
        at: ["version"],
        rule: `${version} has left the release channels; the oldest is 1.${OLDEST_MINOR}`,
      })),
      ...one(channel && !Number.isNaN(minor) && !MINOR.test(version), () => ({
        at: ["version"],
        rule: `${version} names a patch, which the channel ${releaseChannel} chooses: only 1.${minor}`,
      })),
    ];
  },
  ({ maintenance: { days, hours } }) => {
    const total = WEEKS * new Set(days).size * hours;
    return one(total < LEAST_MAINTENANCE_HOURS, () => ({
      at: ["maintenance", "hours"],
      rule: `${total} hours in four weeks; GKE needs ${LEAST_MAINTENANCE_HOURS}`,
      value: String(Math.ceil(LEAST_MAINTENANCE_HOURS / WEEKS / new Set(days).size)),
    }));
  },
  ({ maintenance: { start } }) =>
    one(!START.test(start), () => ({
      at: ["maintenance", "start"],
      rule: `${quote(start)} must be a time of day, such as 08:00`,
      value: "08:00",
    })),
  ({ kmsKey, location }) => {
    if (kmsKey === undefined) return [];
    const [, place] = KMS_KEY.exec(kmsKey) ?? [];
    const region = regionOf(location);
    const value = `projects/<project>/locations/${region}/keyRings/<ring>/cryptoKeys/<key>`;
    if (place === undefined) return [{ at: ["kmsKey"], rule: `must look like ${value}`, value }];
    return one(isLocation(location) && place !== region, () => ({
      at: ["kmsKey"],
      rule: `lies in ${place}; it must lie in the cluster's region ${region}`,
      value,
    }));
  },
  ({ api: { cidrs } }) =>
    cidrs.flatMap((cidr, i) => {
      const range = isRange(cidr);
      return one(!range || canonical(cidr) !== cidr, () => ({
        at: ["api", "cidrs", i],
        rule: range ? `${cidr} has bits behind its prefix` : `${cidr} must be an IPv4 range`,
        ...(range ? { value: canonical(cidr) } : {}),
      }));
    }),
  ({ network }) =>
    KEYS.flatMap((key) => {
      const text = network[key];
      if (text === undefined) return [];
      const at = ["network", key];
      if (!isRange(text))
        return [{ at, rule: `${quote(text)} must be a range such as ${EXAMPLE[key]}`, value: EXAMPLE[key] }];
      return [
        ...one(canonical(text) !== text, () => ({
          at,
          rule: `${text} has bits behind its prefix`,
          value: canonical(text),
        })),
        ...one(key === "services" && bitsOf(text) > MOST_SERVICES_BITS, () => ({
          at,
          rule: `${text} must be at least a /${MOST_SERVICES_BITS}`,
          value: EXAMPLE[key],
        })),
        ...one(key === "controlPlane" && bitsOf(text) !== CONTROL_PLANE_BITS, () => ({
          at,
          rule: `${text} must be a /${CONTROL_PLANE_BITS}`,
          value: EXAMPLE[key],
        })),
      ];
    }),
  ({ network }) => {
    const set = KEYS.flatMap((key) => {
      const text = network[key];
      return text !== undefined && isRange(text) ? [{ key, text }] : [];
    });
    return set.flatMap((a, i) =>
      set.slice(i + 1).flatMap((b) =>
        one(overlaps(a.text, b.text), () => ({
          at: ["network", b.key],
          rule: `${b.text} overlaps network.${a.key} ${a.text}`,
          value: EXAMPLE[b.key],
        })),
      ),
    );
  },
  ({ nodes, network }) => {
    const most = nodes.max + SURGE + (nodes.spot ? SYSTEM_POOL.max : 0);
    const room = {
      nodes: (cidr: string) => sizeOf(cidr) - RESERVED_ADDRESSES,
      pods: (cidr: string) => Math.floor(sizeOf(cidr) / ADDRESSES_OF_A_NODE),
    };
    return (["nodes", "pods"] as const).flatMap((key) => {
      const cidr = network[key];
      const nodesIn = isRange(cidr) ? room[key](cidr) : Infinity;
      return one(nodesIn < most, () => ({
        at: ["network", key],
        rule: `${cidr} has room for ${nodesIn} nodes; nodes.max ${nodes.max} needs ${most} in an upgrade`,
        value: EXAMPLE[key],
      }));
    });
  },
  ({ tags }) =>
    Object.entries(tags).flatMap(([key, value]) => [
      ...one(OWN_LABELS.includes(key), () => ({ at: ["tags", key], rule: "is set by the program" })),
      ...one(!LABEL_KEY.test(key), () => ({
        at: ["tags", key],
        rule: "must be a label key: at most 63 lower-case letters, digits, '_' and '-', from a letter on",
      })),
      ...one(!LABEL_VALUE.test(value), () => ({
        at: ["tags", key],
        rule: `${quote(value)} must be at most 63 lower-case letters, digits, '_' and '-'`,
        value: value
          .toLowerCase()
          .replace(/[^a-z0-9_-]/g, "-")
          .slice(0, 63),
      })),
    ]),
];

const OWN_LABELS = ["project", "stack"];

/** Keys of the provider, which this cloud's cluster stands on. */
function foreignViolations({ location }: Config): Violation[] {
  const gcp = new pulumi.Config("gcp");
  const [project, region, zone] = [gcp.get("project"), gcp.get("region"), gcp.get("zone")];
  const set = (key: string, rule: string, value: string): Violation => ({
    key: `gcp:${key}`,
    rule,
    fix: `pulumi config set gcp:${key} ${value}`,
  });
  const elsewhere = (key: string, value: string): Violation => ({
    key: `gcp:${key}`,
    rule: `${value} is not where cluster.location ${location} is`,
    fix: `pulumi config rm gcp:${key}`,
  });
  return [
    ...(project === undefined ? [set("project", "is missing", "<project-id>")] : []),
    ...(project !== undefined && !PROJECT.test(project)
      ? [
          set(
            "project",
            `${quote(project)} must be a project id: 6 to 30 lower-case letters, digits and '-'`,
            "<project-id>",
          ),
        ]
      : []),
    ...(region !== undefined && region !== regionOf(location) ? [elsewhere("region", region)] : []),
    ...(zone !== undefined && regionOf(zone) !== regionOf(location) ? [elsewhere("zone", zone)] : []),
  ];
}

function violation({ at, rule, value }: Finding): Violation {
  const key = propertyPath(["cluster", ...at]);
  const target = /^[\w:.-]+$/.test(key) ? key : `'${key}'`;
  return {
    key,
    rule,
    fix:
      value === undefined
        ? `pulumi config rm --path ${target}`
        : `pulumi config set --path ${target} ${value}`,
  };
}

/** What is allowed and unwise. */
export function warnings(config: Config): string[] {
  const { version, nodes, api, storage } = config;
  const { enabled, tier } = storage.filestore;
  const minor = Number(VERSION.exec(version ?? "")?.[1]);
  const zones = zoneCount(config);
  const set = (path: string, value: string) => `pulumi config set --path ralph:cluster.${path} ${value}`;
  return [
    ...(enabled
      ? [
          `Filestore makes every ${tier} volume at least ${FILESTORE_GIB[tier]} GiB, and bills that, whatever a ` +
            `claim asks for. Without it: ${set("storage.filestore.enabled", "false")}`,
        ]
      : []),
    ...(minor > NEWEST_MINOR
      ? [`Version ${version} is newer than 1.${NEWEST_MINOR}, the newest that this program knows.`]
      : []),
    ...(zones > nodes.count
      ? [
          `${zones} zones for ${nodes.count} nodes: some zones start empty. ` +
            set("nodes.count", String(zones)),
        ]
      : []),
    ...(api.cidrs.includes("0.0.0.0/0")
      ? [
          `Every address may reach the API server by 0.0.0.0/0. The DNS endpoint asks IAM first: ` +
            `pulumi config rm --path 'ralph:cluster.api.cidrs' && ${set("api.public", "true")}`,
        ]
      : []),
  ];
}
