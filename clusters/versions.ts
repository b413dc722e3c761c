import { setCommand } from "../config/commands";

/** The Kubernetes versions that each cloud supports. */

/** A minor version by its second number: 35 is Kubernetes 1.35. */
type Minor = number;

export interface VersionSupport {
  /** The vendor's page. */
  readonly source: string;
  /** Oldest minor version that is accepted. */
  readonly oldest: Minor;
  /** Newest minor version that this program was written for; a newer one is only warned of. */
  readonly newest: Minor;
  /** Offered in place of a version that is not supported. */
  readonly suggested: string;
  /** End of standard support, a day or a month, where the vendor has announced it. */
  readonly ends: Readonly<Record<Minor, string>>;
}

/** The day on which the table was last compared with what the vendors publish. */
export const VERSIONS_AS_OF = "2026-11-29";

export const VERSIONS = {
  gke: {
    source: "https://docs.cloud.google.com/kubernetes-engine/docs/release-schedule",
    oldest: 33,
    newest: 37,
    suggested: "1.35",
    ends: {},
  },
  eks: {
    source: "https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html",
    // 1.33 is in extended support, which `upgradePolicy` STANDARD excludes.
    oldest: 34,
    newest: 37,
    suggested: "1.35",
    ends: { 34: "2026-12-02", 36: "2027-08" },
  },
  aks: {
    source: "https://learn.microsoft.com/azure/aks/supported-kubernetes-versions",
    // 1.33 is available with the support plan of the tier Premium only.
    oldest: 34,
    newest: 37,
    suggested: "1.35",
    ends: { 34: "2026-11", 35: "2027-03", 36: "2027-06" },
  },
} as const satisfies Readonly<Record<string, VersionSupport>>;

/**
 * Releases of cluster-autoscaler, each built for one minor version of Kubernetes
 * (https://github.com/kubernetes/autoscaler/releases).
 */
export const AUTOSCALER_RELEASES: Readonly<Record<Minor, string>> = {
  34: "v1.34.4",
  35: "v1.35.1",
  36: "v1.36.0",
  37: "v1.37.0",
};

/** The release of cluster-autoscaler for a version of Kubernetes; the nearest one if none is built for it. */
export function autoscalerRelease(version: string): string {
  const minors = Object.keys(AUTOSCALER_RELEASES).map(Number);
  const minor = Math.min(Math.max(minorOf(version) ?? 0, Math.min(...minors)), Math.max(...minors));
  return AUTOSCALER_RELEASES[minor] ?? "";
}

/** 35 of `1.35`, `1.35.2` and `1.35.1-gke.100`; undefined if the text is not a version. */
export function minorOf(version: string): Minor | undefined {
  const minor = /^1\.(\d{2})(\.|$)/.exec(version)?.[1];
  return minor === undefined ? undefined : Number(minor);
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** A version that leaves support within this time is warned of: an upgrade takes planning. */
const NOTICE_DAYS = 60;

/** The last moment of a day `2026-12-02` or a month `2026-11`. */
function endOf(date: string): number {
  const [year = 0, month = 0, day] = date.split("-").map(Number);
  return day === undefined ? Date.UTC(year, month) : Date.UTC(year, month - 1, day + 1);
}

/** Warnings for a version that is newer than the newest known one, or that leaves standard support. */
export function versionWarnings(
  version: string | undefined,
  { newest, ends, suggested, source }: VersionSupport,
  today = new Date(),
): readonly string[] {
  const minor = minorOf(version ?? "") ?? 0;
  if (minor > newest)
    return [
      `Kubernetes ${version} is newer than 1.${newest}, the newest version this program was written for.`,
    ];
  const end = ends[minor];
  if (end === undefined || today.getTime() < endOf(end) - NOTICE_DAYS * DAY_MS) return [];
  return [
    `Standard support for Kubernetes 1.${minor} ${today.getTime() < endOf(end) ? "ends" : "ended"} on ${end}, according to ` +
      `${source}; upgrade one minor version at a time: ${setCommand(["cluster", "version"], suggested)}`,
  ];
}
