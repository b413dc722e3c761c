import { ToolError } from "../../lib/errors";

/**
 * The local control plane's Kubernetes by minor version: what every run uses, and both ends of what README promises,
 * which the nightly suite runs. A minor has a module of its own in `go/`, from which it is built where nothing can be
 * downloaded; of 1.31's last patch, 14, some modules cannot be had.
 */
const RELEASES = { "1.31": "1.31.13", "1.34": "1.34.4", "1.37": "1.37.2" } as const;
type Minor = keyof typeof RELEASES;
const DEFAULT: Minor = "1.34";

/** A control plane's release, and what else names it. */
export interface Kubernetes {
  /** Such as `1.34.4`. */
  readonly release: string;
  /** Such as 34. */
  readonly minor: number;
  /** Its folder in `go/`. */
  readonly module: string;
}

/**
 * The Kubernetes that `RALPH_KUBERNETES` selects, such as `1.37`; without it, the default.
 *
 * @throws ToolError naming the versions that there are
 */
export function kubernetesOf(selected = process.env.RALPH_KUBERNETES): Kubernetes {
  const name = selected === undefined || selected === "" ? DEFAULT : selected;
  if (!(name in RELEASES)) {
    throw new ToolError(
      `RALPH_KUBERNETES=${name}: the local control plane has Kubernetes ${Object.keys(RELEASES).join(", ")}`,
    );
  }
  return {
    release: RELEASES[name as Minor],
    minor: Number(name.slice("1.".length)),
    module: name === DEFAULT ? "kubernetes" : `kubernetes-${name}`,
  };
}

/** The kubelet's, which has no other: a kubelet may be older than its API server, by three minor versions, not newer. */
export const NODE_RELEASE: string = RELEASES[DEFAULT];
