import * as pulumi from "@pulumi/pulumi";
import { setCommand } from "../../config/commands";
import { propertyPath } from "../../config/path";
import { isRunByEngine } from "../preflight";
import { ask, aws, groupQuestion } from "./aws-cli";
import { type NodeGroupSpec, totalOf } from "./node-groups";

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

export const isRange = ({ min, max }: Range): boolean => min < max;

/**
 * The tag with the range, after the group has been given that range; none for a pool of a fixed size, which the
 * provider resizes.
 */
export function rangeTags(cluster: string, spec: NodeGroupSpec): Readonly<Record<string, string>> {
  if (!isRange(spec.pool)) return {};
  if (!pulumi.runtime.isDryRun() && isRunByEngine()) setRange(cluster, spec);
  return { [RANGE_TAG]: `${spec.min}-${spec.max}` };
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
function setRange(cluster: string, spec: NodeGroupSpec): void {
  const { groupName, min, max } = spec;
  const names = ["--cluster-name", cluster, "--nodegroup-name", groupName];
  const found = ask<Description>(...groupQuestion(cluster, groupName));
  if (found === undefined) return; // it is about to be created
  const { nodegroup } = found;
  const { minSize, maxSize, desiredSize } = nodegroup.scalingConfig;
  if (minSize === min && maxSize === max) return;
  if (desiredSize > max) throw new pulumi.RunError(tooManyNodes(spec, desiredSize));
  const config = { minSize: min, maxSize: max, ...(desiredSize < min ? { desiredSize: min } : {}) };
  const shorthand = Object.entries(config).map(([key, value]) => `${key}=${value}`);
  aws("eks", "update-nodegroup-config", ...names, "--scaling-config", shorthand.join());
  // Until then the group refuses the update that follows.
  aws("eks", "wait", "nodegroup-active", ...names);
}

function tooManyNodes(spec: NodeGroupSpec, nodes: number): string {
  const { groupName, zone, max, pool } = spec;
  const key = ["cluster", ...pool.at, "max"];
  const needed = totalOf(spec, nodes);
  const share = zone === undefined ? "" : `, whose share of it is ${max},`;
  return (
    `${propertyPath(key)} must be at least ${needed}, because ${groupName}${share} has ${nodes} nodes now. ` +
    `Wait until the autoscaler has removed idle nodes, or ${setCommand(key, String(needed))}`
  );
}
