import { removeCommand, setCommand } from "../config/commands";
import { type Finding, findIf, type Fixes, forbidden, invalid, problemOf } from "../config/findings";
import type { Path } from "../config/path";
import type { Problem } from "../config/problems";
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
  readonly nodes: { readonly count: number; readonly min: number; readonly max: number };
  readonly api: { readonly cidrs: readonly string[]; readonly public: boolean };
}

/** The rules between the keys that every cloud has. */
export const checkShared = ({ nodes: { count, min, max }, api }: Shared): readonly Finding[] => [
  ...findIf(min > count, () =>
    invalid(["nodes", "min"], min, `must be at most nodes.count, ${count}`, String(count)),
  ),
  ...findIf(count > max, () =>
    invalid(["nodes", "max"], max, `must be at least nodes.count, ${count}`, String(count)),
  ),
  ...findIf(api.public && api.cidrs.length > 0, () =>
    invalid(["api", "public"], true, "must be false when api.cidrs is set", "false"),
  ),
  ...findIf(!api.public && api.cidrs.length === 0, () =>
    invalid(
      ["api", "public"],
      false,
      "must be true when api.cidrs is empty, or no one could reach the cluster",
      "true",
    ),
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
