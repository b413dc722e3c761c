/**
 * Stand-in for the commands of `aws eks` about a node group. `update-nodegroup-config` is the only command of `aws`
 * that changes the world, so unlike vendor.ts it loads the world and its lock: `node-groups.ts <folder> [arguments]`.
 */
import { parseArgs } from "node:util";

import type { Resource, Values } from "../types";
import { World } from "../world";

const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";

const [folder = "", ...args] = process.argv.slice(2);
const { positionals, values } = parseArgs({
  args,
  allowPositionals: true,
  options: {
    "cluster-name": { type: "string" },
    "nodegroup-name": { type: "string" },
    "scaling-config": { type: "string" },
    region: { type: "string" },
    output: { type: "string" },
  },
});
const id = `${values["cluster-name"]}:${values["nodegroup-name"]}`;

function group(resources: readonly Resource[]): Resource {
  const found = resources.find((each) => each.token === NODE_GROUP && each.id === id);
  if (found === undefined)
    throw new Error(`(ResourceNotFoundException) No node group found for name: ${id}.`);
  return found;
}

/** The sizes after `minSize=5,maxSize=12`, if EKS accepts them. */
function scaled(live: Values, shorthand: string): Values {
  const given = shorthand.split(",").map((text) => {
    const [, key = "", value] = /^(minSize|maxSize|desiredSize)=(\d+)$/.exec(text) ?? [];
    if (value === undefined) throw new Error(`Unknown parameter in scalingConfig: "${text}"`);
    return [key, Number(value)] as const;
  });
  const { minSize, maxSize, desiredSize } = { ...live, ...Object.fromEntries(given) } as Values;
  // https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2508
  if (minSize > desiredSize)
    throw new Error(
      `(InvalidParameterException) Minimum capacity ${minSize} can't be greater than desired size ${desiredSize}`,
    );
  if (desiredSize > maxSize)
    throw new Error(
      `(InvalidParameterException) desired capacity ${desiredSize} can't be greater than max size ${maxSize}`,
    );
  return { minSize, maxSize, desiredSize };
}

async function answer(world: World): Promise<unknown> {
  switch (positionals.slice(0, 2).join(" ")) {
    case "eks describe-nodegroup":
      return { nodegroup: { scalingConfig: group(world.resources).outputs.scalingConfig as Values } };
    case "eks wait":
      return group(world.resources).outputs.status;
    case "eks update-nodegroup-config":
      return world.change((resources) => {
        const old = group(resources);
        const scalingConfig = scaled(old.outputs.scalingConfig as Values, values["scaling-config"] ?? "");
        const changed = { ...old, outputs: { ...old.outputs, scalingConfig } };
        return {
          result: { update: { status: "InProgress" } },
          resources: resources.map((each) => (each === old ? changed : each)),
        };
      });
    default:
      throw new Error(`argument operation: Invalid choice: ${positionals.join(" ")}`);
  }
}

answer(new World(folder)).then(
  (result) => console.log(JSON.stringify(result)),
  (error: unknown) => {
    console.error(`An error occurred ${(error as Error).message}`);
    process.exitCode = 254;
  },
);
