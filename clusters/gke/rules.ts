import { type Finding, found } from "../findings";
import { minorOf, VERSIONS } from "../versions";
import { accountId, type Config } from "./config";
import { OWN_LABELS } from "./labels";
import { isLocation, isZone, regionOf } from "./location";
import { isMachineType, machineSize, takesOnlyHyperdisk } from "./machine";
import { NETWORK_RULES } from "./network-rules";

const ACCOUNT = /^[a-z][-a-z0-9]{4,28}[a-z0-9]$/;
const NAME = /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/;
const KMS_KEY = /^projects\/[^/]+\/locations\/([^/]+)\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/;
const LABEL_KEY = /^[a-z][a-z0-9_-]{0,62}$/;
const LABEL_VALUE = /^[a-z0-9_-]{0,63}$/;
const VERSION = /^1\.(\d{2})(\.\d+(-gke\.\d+)?)?$/;
const START = /^([01]\d|2[0-3]):[0-5]\d$/;

/** The guide's prerequisite for a node. */
const LEAST_CPUS = 2;
const LEAST_GIB = 4;

/** What a maintenance window must give: 48 hours in any 32 days, so in four weeks to be safe. */
const LEAST_MAINTENANCE_HOURS = 48;
const WEEKS = 4;

const quote = (text: unknown): string => JSON.stringify(text);

/** What a cluster's keys must keep and its schema does not say. */
export const RULES: readonly ((config: Config) => Finding[])[] = [
  ({ name }) =>
    found(!NAME.test(name), () => ({
      at: ["name"],
      rule: `${quote(name)} must be at most 40 lower-case letters, digits and '-', from a letter on`,
      value: "ralph-cluster",
    })),
  (config) =>
    found(!ACCOUNT.test(accountId(config)) && NAME.test(config.name), () => ({
      at: ["serviceAccount"],
      rule: `${quote(accountId(config))} must be 6 to 30 lower-case letters, digits and '-', from a letter on`,
      value: "ralph-nodes",
    })),
  ({ location }) =>
    found(!isLocation(location), () => ({
      at: ["location"],
      rule: `${quote(location)} must be a zone such as us-central1-a or a region such as us-central1`,
      value: "us-central1-a",
    })),
  ({ location, zones }) => {
    const region = regionOf(location);
    return zones.flatMap((zone, i) => {
      const others = isLocation(location) && (!isZone(zone) || regionOf(zone) !== region);
      return [
        ...found(others, () => ({
          at: ["zones", i],
          rule: `${quote(zone)} must be a zone of ${region}`,
          value: `${region}-b`,
        })),
        ...found(zone === location || zones.indexOf(zone) < i, () => ({
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
    return found(cpus < LEAST_CPUS || gib < LEAST_GIB, () => ({
      at,
      rule: `${machineType} has ${cpus} vCPU and ${gib} GiB; a node needs ${LEAST_CPUS} and ${LEAST_GIB}`,
      value,
    }));
  },
  ({ nodes: { machineType }, storage: { rwo } }) =>
    found(rwo === "premium-rwo" && takesOnlyHyperdisk(machineType), () => ({
      at: ["storage", "rwo"],
      rule: `${rwo} makes Persistent Disks, and ${machineType} takes only Hyperdisk`,
    })),
  ({ version, releaseChannel }) => {
    if (version === undefined) return [];
    const at = ["version"];
    const minor = VERSION.test(version) ? minorOf(version) : undefined;
    if (minor === undefined) {
      const rule = `${quote(version)} must be a version such as 1.35, or none: in YAML it needs quotes`;
      return [{ at, rule }];
    }
    return [
      ...found(minor < VERSIONS.gke.oldest, () => ({
        at,
        rule: `${version} has left the release channels; the oldest is 1.${VERSIONS.gke.oldest}`,
      })),
      ...found(releaseChannel !== "UNSPECIFIED" && !/^1\.\d{2}$/.test(version), () => ({
        at,
        rule: `${version} names a patch, which the channel ${releaseChannel} chooses: only 1.${minor}`,
      })),
    ];
  },
  ({ maintenance: { days, hours } }) => {
    const total = WEEKS * new Set(days).size * hours;
    return found(total < LEAST_MAINTENANCE_HOURS, () => ({
      at: ["maintenance", "hours"],
      rule: `${total} hours in four weeks; GKE needs ${LEAST_MAINTENANCE_HOURS}`,
      value: String(Math.ceil(LEAST_MAINTENANCE_HOURS / WEEKS / new Set(days).size)),
    }));
  },
  ({ maintenance: { start } }) =>
    found(!START.test(start), () => ({
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
    return found(isLocation(location) && place !== region, () => ({
      at: ["kmsKey"],
      rule: `lies in ${place}; it must lie in the cluster's region ${region}`,
      value,
    }));
  },
  ({ tags }) =>
    Object.entries(tags).flatMap(([key, value]) => [
      ...found(OWN_LABELS.includes(key), () => ({ at: ["tags", key], rule: "is set by the program" })),
      ...found(!LABEL_KEY.test(key), () => ({
        at: ["tags", key],
        rule: "must be a label key: at most 63 lower-case letters, digits, '_' and '-', from a letter on",
      })),
      ...found(!LABEL_VALUE.test(value), () => ({
        at: ["tags", key],
        rule: `${quote(value)} must be at most 63 lower-case letters, digits, '_' and '-'`,
        value: value
          .toLowerCase()
          .replace(/[^a-z0-9_-]/g, "-")
          .slice(0, 63),
      })),
    ]),
  ...NETWORK_RULES,
];
