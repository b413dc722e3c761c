import * as pulumi from "@pulumi/pulumi";
import { setCommand } from "../../config/commands";
import { propertyPath, type Path } from "../../config/path";
import { isRunByEngine } from "../preflight";
import { ask, aws } from "./aws-cli";

/**
 * The range of a node group that an autoscaler scales. The provider cannot change it: its update sends the number of
 * nodes as well, and knows only the one of the group's creation. AWS refuses that if it is below the new minimum;
 * otherwise it ends nodes at work (terraform-provider-aws, internal/service/eks/node_group.go; pulumi-eks issue 321).
 * So the range is a tag, which a plan shows, and `up` sends the range alone before it updates the tag.
 */

/** The range that a group was last given, as `3-10`. */
export const RANGE_TAG = "ralph-node-range";

export interface Range {
  readonly min: number;
  readonly max: number;
}

interface NodeGroupRange extends Range {
  readonly cluster: string;
  readonly group: string;
  /** The keys `min` and `max` below `ralph:cluster`. */
  readonly at: Path;
}

export const isRange = ({ min, max }: Range): boolean => min < max;

/**
 * The tag with the range, after the group has been given that range; none for a group of a fixed size, which the
 * provider resizes.
 */
export function rangeTags(range: NodeGroupRange): Readonly<Record<string, string>> {
  if (!isRange(range)) return {};
  if (!pulumi.runtime.isDryRun() && isRunByEngine()) setRange(range);
  return { [RANGE_TAG]: `${range.min}-${range.max}` };
}

interface Description {
  readonly nodegroup: {
    readonly scalingConfig: {
      readonly minSize: number;
      readonly maxSize: number;
      readonly desiredSize: number;
    };
  };
}

/** Gives a group its range. The number of nodes changes only if it is below the minimum. */
function setRange({ cluster, group, min, max, at }: NodeGroupRange): void {
  const names = ["--cluster-name", cluster, "--nodegroup-name", group];
  const found = ask<Description>("eks", "describe-nodegroup", ...names);
  if (found === undefined) return; // it is about to be created
  const { nodegroup } = found;
  const { minSize, maxSize, desiredSize } = nodegroup.scalingConfig;
  if (minSize === min && maxSize === max) return;
  if (desiredSize > max) throw new pulumi.RunError(tooManyNodes(at, group, desiredSize, max));
  const config = { minSize: min, maxSize: max, ...(desiredSize < min ? { desiredSize: min } : {}) };
  const shorthand = Object.entries(config).map(([key, value]) => `${key}=${value}`);
  aws("eks", "update-nodegroup-config", ...names, "--scaling-config", shorthand.join());
  // Until then the group refuses the update that follows.
  aws("eks", "wait", "nodegroup-active", ...names);
}

function tooManyNodes(at: Path, group: string, nodes: number, max: number): string {
  const key = ["cluster", ...at, "max"];
  return (
    `${propertyPath(key)} must be at least ${nodes}, the number of nodes that ${group} has now; it is ${max}. ` +
    `Wait until the autoscaler has removed idle nodes, or ${setCommand(key, String(nodes))}`
  );
}
