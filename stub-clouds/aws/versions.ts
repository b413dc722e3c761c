import type { Values } from "../types";

/** Minor versions of November 2026: https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html */
const STANDARD = [34, 35, 36, 37];
const EXTENDED = [32, 33];
/** Of a cluster that asks for none. */
export const DEFAULT_VERSION = "1.34";

const minor = (version: string): number => Number(version.split(".")[1]);

/** What EKS says of the version of a cluster, which exists already if there is an `old` one. */
export function clusterVersion(
  { version, upgradePolicy }: Values,
  old: string | undefined,
): readonly string[] {
  const wanted = String(version ?? old ?? DEFAULT_VERSION);
  if (![...STANDARD, ...EXTENDED].includes(minor(wanted))) return ["unsupported Kubernetes version"];
  // https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html, "Considerations": by one, and not back.
  // The words: https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2607
  const step = minor(wanted) - minor(old ?? wanted);
  if (step !== 0 && step !== 1)
    return [`Unsupported Kubernetes minor version update from ${old} to ${wanted}`];
  // "You can't set the policy to standard while a cluster is in extended support":
  // https://docs.aws.amazon.com/eks/latest/userguide/disable-extended-support.html. Nothing public says whether a new
  // cluster is refused or upgraded at once; a stack whose version is kept needs the former.
  return upgradePolicy?.supportType === "STANDARD" && EXTENDED.includes(minor(wanted))
    ? [`Kubernetes version ${wanted} is in extended support, which the upgrade policy STANDARD excludes`]
    : [];
}
