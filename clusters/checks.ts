import { removeCommand, setCommand } from "../config/commands";
import {
  duplicate,
  type Finding,
  findIf,
  type Fixes,
  forbidden,
  invalid,
  problemOf,
} from "../config/findings";
import type { Path } from "../config/path";
import type { Problem } from "../config/problems";
import type { NodePoolConfig } from "./schema";
import { canonical, isRange, overlaps } from "./cidr";
import { minorOf, type VersionSupport } from "./versions";

/** Checks that several clouds share. A path in a finding starts below `ralph:cluster`. */

const COMMANDS: Fixes = { fix: setCommand, remove: removeCommand };

/** Findings about a cluster's keys as the problems that are printed. */
export const clusterProblems = (findings: readonly Finding[]): Problem[] =>
  findings.map(({ at, rule, set }) =>
    problemOf(
      {
        at: inCluster(at),
        rule,
        ...(set === undefined ? {} : { set: { at: inCluster(set.at ?? at), value: set.value } }),
      },
      COMMANDS,
    ),
  );

const inCluster = (at: Path): Path => ["cluster", ...at];

interface Shared {
  readonly nodes: Readonly<Record<"count" | "min" | "max", number>> & { readonly spot: boolean };
  readonly nodePools: readonly NodePoolConfig[];
  readonly api: { readonly cidrs: readonly string[]; readonly public: boolean; readonly private: boolean };
}

/** The rules between the keys that every cloud has. */
export const checkShared = ({
  nodes: { count, min, max, spot },
  nodePools,
  api,
}: Shared): readonly Finding[] => [
  ...findIf(min > count, () =>
    invalid(["nodes", "min"], min, `must be at most nodes.count, ${count}`, String(count)),
  ),
  ...findIf(count > max, () =>
    invalid(["nodes", "max"], max, `must be at least nodes.count, ${count}`, String(count)),
  ),
  ...findIf(api.public && api.cidrs.length > 0, () =>
    invalid(["api", "public"], true, "must be false when api.cidrs is set", "false"),
  ),
  ...findIf(api.private && (api.public || api.cidrs.length > 0), () =>
    invalid(["api", "private"], true, "must be false when api.public or api.cidrs is set", "false"),
  ),
  ...findIf(!api.private && !api.public && api.cidrs.length === 0, () =>
    invalid(
      ["api", "public"],
      false,
      "must be true when api.cidrs is empty and api.private is false, or no one could reach the cluster",
      "true",
    ),
  ),
  ...findIf(spot && nodePools.some(({ sandbox }) => sandbox), () =>
    invalid(
      ["nodes", "spot"],
      true,
      "must be false with a sandbox, whose pool runs Ralph's pods and has a key `spot` of its own",
      "false",
    ),
  ),
  ...checkNodePools(nodePools),
];

/** A label's name after its optional prefix, and a label's value: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ */
const LABEL_KEY = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** The rules for further pools that every cloud has; the format of a pool's name is the cloud's own. */
function checkNodePools(pools: readonly NodePoolConfig[]): readonly Finding[] {
  return pools.flatMap(({ name, min, max, labels, taints }, i) => {
    const at = ["nodePools", i];
    return [
      ...findIf(
        pools.slice(0, i).some((earlier) => earlier.name === name),
        () => duplicate([...at, "name"], name),
      ),
      ...findIf(min > max, () => invalid([...at, "min"], min, `must be at most max, ${max}`, String(max))),
      ...Object.entries(labels).flatMap(([key, value]) => checkLabel([...at, "labels", key], key, value)),
      ...taints.flatMap(({ key, value }, j) => checkLabel([...at, "taints", j], key, value)),
    ];
  });
}

const checkLabel = (at: Path, key: string, value: string): readonly Finding[] => [
  ...findIf(!LABEL_KEY.test(key), () => invalid(at, key, "must have a valid label name as its key")),
  ...findIf(!LABEL_VALUE.test(value), () =>
    invalid(at, value, "must be at most 63 letters, digits, dashes and dots"),
  ),
];

/** Whether a cloud still supports a version. Its format is the cloud's own. */
export const checkVersion = (
  version: string | undefined,
  { oldest, suggested }: VersionSupport,
): readonly Finding[] =>
  findIf((minorOf(version ?? "") ?? oldest) < oldest, () =>
    invalid(["version"], version, `must be 1.${oldest} or newer, the versions in support`, suggested),
  );

/** The guide's prerequisites for a node. A pod requests one vCPU, and the node's system uses a part of another. */
const MIN_CPUS = 2;
const MIN_GIB = 4;

/** Whether a machine is large enough for a node, as far as its size is known. */
export function checkMachineSize(
  at: Path,
  type: string,
  { cpus, gib }: { readonly cpus?: number; readonly gib?: number },
  example: string,
): readonly Finding[] {
  const has = [
    ...(cpus === undefined ? [] : [`${cpus} vCPU`]),
    ...(gib === undefined ? [] : [`${gib} GiB`]),
  ].join(" and ");
  return findIf((cpus ?? MIN_CPUS) < MIN_CPUS || (gib ?? MIN_GIB) < MIN_GIB, () =>
    invalid(at, type, `must have at least ${MIN_CPUS} vCPU and ${MIN_GIB} GiB, and has ${has}`, example),
  );
}

export interface TagRules {
  /** Whether the program sets this tag itself. */
  readonly isReserved: (key: string) => boolean;
  readonly key: { readonly holds: RegExp; readonly rule: string };
  /** `spell` turns any text into a value that is accepted. */
  readonly value: {
    readonly holds: RegExp;
    readonly rule: string;
    readonly spell: (value: string) => string;
  };
}

export const checkTags = (
  tags: Readonly<Record<string, string>>,
  { isReserved, key, value }: TagRules,
): readonly Finding[] =>
  Object.entries(tags).flatMap(([tag, text]) => {
    const at = ["tags", tag];
    if (isReserved(tag)) return [forbidden(at, "the program sets this tag")];
    return [
      ...findIf(!key.holds.test(tag), () => invalid(at, tag, key.rule)),
      ...findIf(!value.holds.test(text), () => invalid(at, text, value.rule, value.spell(text))),
    ];
  });

/** Offered for a range if there is no free one. */
export const ANOTHER_RANGE = "<another range>";

/** Whether a range has no bits set beyond its prefix: the clouds refuse any other spelling. */
export const checkWholeRange = (
  at: Path,
  range: string,
  offered: string = canonical(range),
): readonly Finding[] =>
  findIf(canonical(range) !== range, () =>
    invalid(at, range, "must have no bits set beyond its prefix", offered),
  );

/**
 * Whether the ranges under `network` overlap.
 *
 * @param ranges by key; of two that overlap, the later one is reported
 * @param offered a range to offer for a key
 */
export const checkOverlaps = (
  ranges: Readonly<Record<string, string>>,
  offered: (key: string) => string,
): readonly Finding[] =>
  Object.entries(ranges).flatMap(([key, range], i, all) =>
    all
      .slice(0, i)
      .filter(([, earlier]) => overlaps(range, earlier))
      .map(([other, earlier]) =>
        invalid(["network", key], range, `must not overlap network.${other}, ${earlier}`, offered(key)),
      ),
  );

/** Whether a range has addresses for all nodes, those that an upgrade adds included. */
export const checkRoom = (
  key: string,
  range: string,
  { room, nodes }: { readonly room: number; readonly nodes: number },
  offered: string,
): readonly Finding[] =>
  findIf(room < nodes, () =>
    invalid(
      ["network", key],
      range,
      `must have room for ${nodes} nodes, those of an upgrade included, and has room for ${room}`,
      offered,
    ),
  );

interface ApiCidrRules {
  /** Number of ranges that the cloud accepts. */
  readonly max?: number;
  /** Whether a range of all addresses is accepted, and not only `api.public`. */
  readonly allowAll?: true;
  /** The rule, as `must ...`, that a valid range breaks on this cloud. */
  readonly broken?: (range: string) => string | undefined;
}

/** Whether the ranges that may reach the API server are ranges that the cloud accepts. */
export const checkApiCidrs = (
  cidrs: readonly string[],
  { max = Infinity, allowAll, broken = () => undefined }: ApiCidrRules = {},
): readonly Finding[] =>
  cidrs.flatMap((range, i) => {
    const at = ["api", "cidrs", i];
    if (i >= max) return [forbidden(at, `the API server accepts at most ${max} ranges`)];
    if (!isRange(range)) return [invalid(at, range, "must be an IPv4 range")];
    if (allowAll !== true && range.endsWith("/0"))
      return [forbidden(at, "a range of all addresses is api.public")];
    const rule = broken(range);
    return rule === undefined ? checkWholeRange(at, range) : [invalid(at, range, rule)];
  });
