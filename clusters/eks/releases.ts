import { getAddonVersionOutput } from "@pulumi/aws/eks/getAddonVersion";
import { getParameterOutput } from "@pulumi/aws/ssm/getParameter";
import * as pulumi from "@pulumi/pulumi";
import { Stash } from "@pulumi/pulumi/stash";
import type { ControlPlane } from "./control-plane";
import { amiType, releaseParameter } from "./machine-types";
import type { PoolSpec } from "./node-groups";
import type { Scope } from "./scope";

/**
 * AWS updates neither an add-on nor a node's image by itself, and the provider moves neither to another version unless
 * its input changes. An input that always is the newest version would change whenever AWS publishes one, so a run that
 * should have nothing to do would roll nodes. Therefore the newest version is looked up once, and kept in the state
 * until the cluster's version, `patchedOn` or the pin changes.
 */

/** The version of an add-on: the pinned one, or the newest for the cluster's version. */
export const addonVersion = (
  scope: Scope,
  { version: kubernetesVersion }: ControlPlane,
  addonName: keyof Scope["config"]["addons"],
): pulumi.Output<string> =>
  kept(
    scope,
    `${addonName}-version`,
    kubernetesVersion,
    scope.config.addons[addonName],
    () => getAddonVersionOutput({ addonName, kubernetesVersion, mostRecent: true }).version,
  );

/**
 * The release of a pool's image: the pinned one, or the newest one on the day of `patchedOn`. Undefined without
 * both: AWS then chooses the newest one for new groups and for new versions of Kubernetes.
 */
export function nodeRelease(
  scope: Scope,
  { version }: ControlPlane,
  { suffix, machineTypes: [type] }: PoolSpec,
): pulumi.Output<string> | undefined {
  const { patchedOn, nodes } = scope.config;
  if (patchedOn === undefined && nodes.release === undefined) return undefined;
  return kept(
    scope,
    `${suffix}-release`,
    version,
    nodes.release,
    () =>
      getParameterOutput({
        name: version.apply((known) => releaseParameter(amiType(type), known) ?? ""),
      }).value,
  );
}

/** Keeps the newest version in the state until one of the reasons to look again changes. */
function kept(
  { name, config, options }: Scope,
  suffix: string,
  kubernetesVersion: pulumi.Output<string>,
  pin: string | undefined,
  newest: () => pulumi.Output<string>,
): pulumi.Output<string> {
  const { output } = new Stash(
    `${name}-${suffix}`,
    { input: pin ?? newest() },
    options({
      ignoreChanges: ["input"],
      replacementTrigger: [kubernetesVersion, config.patchedOn ?? "", pin ?? ""],
    }),
  );
  return output as pulumi.Output<string>;
}
