/**
 * Stand-in for the commands of `aws` that change a node group or a cluster, or ask what AWS has published. Unlike vendor.ts
 * it loads the world and its lock: `node-groups.ts <folder> [arguments]`.
 */
import { parseArgs } from "node:util";

import type { Resource, Values } from "../types";
import { World } from "../world";
import { newestAddon, publicParameter } from "./published";

const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";

const [folder = "", ...args] = process.argv.slice(2);
const { positionals, values } = parseArgs({
  args,
  allowPositionals: true,
  options: {
    "cluster-name": { type: "string" },
    "nodegroup-name": { type: "string" },
    "scaling-config": { type: "string" },
    name: { type: "string" },
    logging: { type: "string" },
    "kubernetes-version": { type: "string" },
    profile: { type: "string" },
    region: { type: "string" },
    output: { type: "string" },
  },
});
const CLUSTER = "aws:eks/cluster:Cluster";
const id = `${values["cluster-name"]}:${values["nodegroup-name"]}`;

const findIn =
  ({ resources }: World) =>
  (token: string, id: unknown): Resource | undefined =>
    resources.find((each) => each.token === token && each.id === id);

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

/** The types of logs after `{"clusterLogging":[{"types":["api"],"enabled":false}]}`. */
function logTypes(live: readonly string[], logging: string): readonly string[] {
  const { clusterLogging } = JSON.parse(logging) as {
    clusterLogging: readonly { readonly types: readonly string[]; readonly enabled: boolean }[];
  };
  const changed = clusterLogging.reduce<readonly string[]>(
    (all, { types, enabled }) => [...all.filter((type) => !types.includes(type)), ...(enabled ? types : [])],
    live,
  );
  // https://github.com/aws/aws-cdk/issues/19898
  if (changed.length === live.length)
    throw new Error("(InvalidParameterException) No changes needed for the logging config provided");
  return changed;
}

async function answer(world: World): Promise<unknown> {
  switch (positionals.slice(0, 2).join(" ")) {
    case "eks describe-nodegroup":
      return { nodegroup: group(world.resources).outputs };
    // The newest version is first: https://docs.aws.amazon.com/cli/latest/reference/eks/describe-addon-versions.html
    case "eks describe-addon-versions": {
      const addonVersion = newestAddon(values["kubernetes-version"] ?? "", findIn(world));
      return {
        addons: world.resources
          .filter(({ token }) => token === "aws:eks/addon:Addon")
          .map(({ outputs: { addonName } }) => ({ addonName, addonVersions: [{ addonVersion }] })),
      };
    }
    case "ssm get-parameter":
      return { Parameter: { Value: publicParameter(values.name ?? "", findIn(world)) } };
    case "eks wait":
      return { status: "ACTIVE" };
    case "eks update-cluster-config":
      return world.change((resources) => {
        const old = resources.find((each) => each.token === CLUSTER && each.id === values.name);
        if (old === undefined)
          throw new Error(`(ResourceNotFoundException) No cluster found for name: ${values.name}.`);
        const live = (old.outputs.enabledClusterLogTypes ?? []) as readonly string[];
        const enabledClusterLogTypes = logTypes(live, values.logging ?? "");
        const changed = { ...old, outputs: { ...old.outputs, enabledClusterLogTypes } };
        world.record({
          plugin: "aws",
          method: "Update",
          token: CLUSTER,
          id: old.id,
          outcome: "ok",
          message: "by aws",
        });
        return {
          result: { update: { status: "InProgress" } },
          resources: resources.map((each) => (each === old ? changed : each)),
        };
      });
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
