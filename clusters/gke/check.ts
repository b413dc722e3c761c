import * as pulumi from "@pulumi/pulumi";
import { checkFormats, checkUnique, type Format, type Formats } from "../../config/checks";
import { duplicate, type Finding, findIf, forbidden, invalid } from "../../config/findings";
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
import { checkNetwork } from "./check-network";
import { accountId, type Config } from "./config";
import { PROGRAMS } from "./kubeconfig";
import { isLocation, isZone, regionOf } from "./location";
import { bootsFrom, isMachineType, machineSize, needsHyperdisk } from "./machine-types";
import { machineTypes } from "./pools";
import { labelValue } from "./scope";

const MACHINE_TYPE = "n1-standard-2";
const NAME = /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/;
/** The form of project ids and account ids. */
const ID = /^[a-z][-a-z0-9]{4,28}[a-z0-9]$/;

/** https://docs.cloud.google.com/compute/docs/naming-resources */
const nameOf = (what: string, example: string): Format => ({
  holds: /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
  rule: `must be the name of ${what}, not its path`,
  example,
});

const FORMATS: Formats<Config> = {
  name: {
    holds: NAME,
    rule: "must be 1 to 40 lower-case letters, digits and '-', with a letter first and no '-' last",
    example: "ralph-cluster",
  },
  location: {
    holds: isLocation,
    rule: "must be a zone such as us-central1-a or a region such as us-central1",
    example: "us-central1-a",
  },
  "nodes.machineType": {
    holds: isMachineType,
    rule: `must be a machine type such as ${MACHINE_TYPE}`,
    example: MACHINE_TYPE,
  },
  version: {
    holds: /^1\.\d{2}(\.\d+(-gke\.\d+)?)?$/,
    rule: "must be a version such as 1.35, in quotes in a stack file",
    example: VERSIONS.gke.suggested,
  },
  "network.existing.project": {
    holds: ID,
    rule: "must be a project id of 6 to 30 lower-case letters, digits and '-'",
    example: "<project-id>",
  },
  "network.existing.network": nameOf("a network", "shared"),
  "network.existing.subnet": nameOf("a subnet", "nodes"),
  "network.existing.podsRange": nameOf("a secondary range", "pods"),
  "network.existing.servicesRange": nameOf("a secondary range", "services"),
  "maintenance.start": {
    holds: /^([01]\d|2[0-3]):[0-5]\d$/,
    rule: "must be a time of day such as 08:00",
    example: "08:00",
  },
};

/** https://docs.cloud.google.com/resource-manager/docs/labels-overview#requirements */
const LABELS: TagRules = {
  isReserved: (key) => OWN_TAGS.some((own) => own === key),
  key: {
    holds: /^[a-z][a-z0-9_-]{0,62}$/,
    rule: "must be a label key: 1 to 63 lower-case letters, digits, '_' and '-', with a letter first",
  },
  value: {
    holds: /^[a-z0-9_-]{0,63}$/,
    rule: "must be at most 63 lower-case letters, digits, '_' and '-'",
    spell: labelValue,
  },
};

/** Everything that Google would reject and that can be known without calling it. */
export const check = (config: Config): Problem[] => [
  ...checkProvider(config),
  ...clusterProblems([
    ...checkShared(config),
    ...checkFormats(config, FORMATS),
    ...checkServiceAccount(config),
    ...checkUnique(config, "zones[]"),
    ...checkZones(config),
    ...checkMachineSize(
      ["nodes", "machineType"],
      config.nodes.machineType,
      machineSize(config.nodes.machineType) ?? {},
      MACHINE_TYPE,
    ),
    ...checkDisks(config),
    ...checkPools(config),
    ...checkVersion(config.version, VERSIONS.gke),
    ...checkChannel(config),
    ...checkMaintenance(config),
    ...checkExclusions(config),
    ...checkKeys(config),
    ...checkFilestoreKey(config),
    ...checkNetwork(config),
    ...checkTags(config.tags, LABELS),
  ]),
  ...PROGRAMS[config.credentials].flatMap(missingProgram),
];

/** The provider's own keys are not a part of `ralph:cluster`, so their problems have commands of their own. */
function checkProvider({ location }: Config): Problem[] {
  const gcp = new pulumi.Config("gcp");
  const project = gcp.get("project");
  return [
    ...(project !== undefined && ID.test(project)
      ? []
      : [
          {
            key: "gcp:project",
            rule:
              project === undefined
                ? "is missing"
                : `must be a project id of 6 to 30 lower-case letters, digits and '-'; it is "${project}"`,
            fix: "pulumi config set gcp:project <project-id>",
          },
        ]),
    ...["region", "zone"].flatMap((key) => {
      const value = gcp.get(key);
      return value === undefined || regionOf(value) === regionOf(location)
        ? []
        : [
            {
              key: `gcp:${key}`,
              rule: `must be in the region of cluster.location, ${location}; it is "${value}"`,
              fix: `pulumi config rm gcp:${key}`,
            },
          ];
    }),
  ];
}

/** By default the account id follows from the cluster's name, which has limits of its own. */
function checkServiceAccount(config: Config): readonly Finding[] {
  const id = accountId(config);
  return findIf((config.serviceAccount !== undefined || NAME.test(config.name)) && !ID.test(id), () =>
    invalid(
      ["serviceAccount"],
      id,
      "must be 6 to 30 lower-case letters, digits and '-', with a letter first and no '-' last",
      "ralph-nodes",
    ),
  );
}

function checkZones({ location, zones }: Config): readonly Finding[] {
  const region = regionOf(location);
  return zones.flatMap((zone, i) => [
    ...findIf(isLocation(location) && (!isZone(zone) || regionOf(zone) !== region), () =>
      invalid(["zones", i], zone, `must be a zone of ${region}`, `${region}-b`),
    ),
    ...findIf(zone === location, () => forbidden(["zones", i], "cluster.location already includes it")),
  ]);
}

function checkDisks(config: Config): readonly Finding[] {
  const { nodes, storage } = config;
  const { machineType, diskType } = nodes;
  const onHyperdisk = machineTypes(config).find(needsHyperdisk);
  return [
    ...findIf(storage.rwo === "premium-rwo" && onHyperdisk !== undefined, () =>
      forbidden(
        ["storage", "rwo"],
        `${storage.rwo} is a Persistent Disk, and ${onHyperdisk} supports only Hyperdisk`,
      ),
    ),
    ...findIf(diskType !== undefined && !bootsFrom(machineType, diskType), () =>
      forbidden(["nodes", "diskType"], `${machineType} does not boot from ${diskType}`),
    ),
  ];
}

/** A pool's name gets a prefix and a suffix, and may have 40 characters with them. */
const POOL_NAME = /^[a-z]([-a-z0-9]{0,17}[a-z0-9])?$/;
/** https://docs.cloud.google.com/kubernetes-engine/docs/how-to/creating-managing-labels */
const RESERVED_LABEL = /^([^/]+\.)?(kubernetes|k8s)\.io\//;

const checkPools = ({ nodePools }: Config): readonly Finding[] =>
  nodePools.flatMap(({ name, machineType, labels, sandbox }, i) => {
    const at = ["nodePools", i];
    return [
      ...findIf(!POOL_NAME.test(name), () =>
        invalid(
          [...at, "name"],
          name,
          "must be 1 to 19 lower-case letters, digits and '-', with a letter first and no '-' last",
          "builds",
        ),
      ),
      ...findIf(!isMachineType(machineType), () =>
        invalid(
          [...at, "machineType"],
          machineType,
          `must be a machine type such as ${MACHINE_TYPE}`,
          MACHINE_TYPE,
        ),
      ),
      ...(sandbox
        ? checkMachineSize([...at, "machineType"], machineType, machineSize(machineType) ?? {}, MACHINE_TYPE)
        : []),
      ...Object.keys(labels)
        .filter((key) => RESERVED_LABEL.test(key))
        .map((key) => forbidden([...at, "labels", key], "GKE refuses labels of Kubernetes' own domains")),
    ];
  });

function checkChannel({ version = "", releaseChannel }: Config): readonly Finding[] {
  const [, minor = "", patch] = version.split(".");
  return findIf(patch !== undefined, () =>
    invalid(
      ["version"],
      version,
      `must have no patch, which the channel ${releaseChannel} chooses`,
      `1.${minor}`,
    ),
  );
}

/** GKE requires 48 hours in any 32 days; four weeks are the whole weeks in them. */
const MIN_MAINTENANCE_HOURS = 48;
const WEEKS = 4;

function checkMaintenance({ maintenance: { days, hours } }: Config): readonly Finding[] {
  const windows = WEEKS * new Set(days).size;
  return findIf(windows * hours < MIN_MAINTENANCE_HOURS, () =>
    invalid(
      ["maintenance", "hours"],
      hours,
      `must add up to ${MIN_MAINTENANCE_HOURS} hours in four weeks, and adds up to ${windows * hours}`,
      String(Math.ceil(MIN_MAINTENANCE_HOURS / windows)),
    ),
  );
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

const checkExclusions = ({ maintenance: { exclusions } }: Config): readonly Finding[] =>
  exclusions.flatMap(({ name, start, end }, i) => {
    const at = ["maintenance", "exclusions", i];
    const wrong = (["start", "end"] as const).filter((key) => {
      const time = exclusions[i]?.[key] ?? "";
      return !TIME.test(time) || Number.isNaN(Date.parse(time));
    });
    return [
      ...findIf(
        exclusions.slice(0, i).some((earlier) => earlier.name === name),
        () => duplicate([...at, "name"], name),
      ),
      ...wrong.map((key) =>
        invalid(
          [...at, key],
          key === "start" ? start : end,
          "must be a time in UTC such as 2026-12-18T00:00:00Z",
        ),
      ),
      ...findIf(wrong.length === 0 && Date.parse(end) <= Date.parse(start), () =>
        invalid([...at, "end"], end, `must be after start, ${start}`),
      ),
    ];
  });

const KMS_KEY = /^projects\/[^/]+\/locations\/([^/]+)\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/;

function checkKeys({ kmsKey, storage, location }: Config): readonly Finding[] {
  const region = regionOf(location);
  const check = (at: readonly string[], key: string | undefined): readonly Finding[] => {
    const place = KMS_KEY.exec(key ?? "")?.[1];
    return findIf(
      key !== undefined && (place === undefined || (isLocation(location) && place !== region)),
      () =>
        invalid(
          at,
          key,
          `must be the resource name of a KMS key in the cluster's region, ${region}`,
          `projects/<project>/locations/${region}/keyRings/<ring>/cryptoKeys/<key>`,
        ),
    );
  };
  return [...check(["kmsKey"], kmsKey), ...check(["storage", "kmsKey"], storage.kmsKey)];
}

/** https://docs.cloud.google.com/filestore/docs/service-tiers */
function checkFilestoreKey({ storage: { kmsKey, filestore } }: Config): readonly Finding[] {
  return findIf(kmsKey !== undefined && filestore.enabled && filestore.tier.startsWith("BASIC_"), () =>
    invalid(
      ["storage", "filestore", "tier"],
      filestore.tier,
      "must be ZONAL, REGIONAL or ENTERPRISE beside storage.kmsKey: the basic tiers accept no key",
      "REGIONAL",
    ),
  );
}
