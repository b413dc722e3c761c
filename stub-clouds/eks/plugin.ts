/**
 * The program behind `pulumi-resource-eks`: the component `eks:index:Cluster` of @pulumi/eks, to the extent that a
 * program with all its defaults turned off needs it. As with the real one, the aws plugin creates its resources,
 * through the engine. The real one uses aws and kubernetes plugins of its own versions; this one uses the program's.
 */
import * as pulumi from "@pulumi/pulumi";
import { main } from "@pulumi/pulumi/provider";

import { endWithParent } from "../parent";
import { sdkVersion } from "../sdk";
import { World } from "../world";
import { requireAwsCli } from "./aws-cli";
import { CLUSTER, EksCluster } from "./component";

/** Inputs that turn off everything that the component creates by default. */
const DEFAULTS_OFF = {
  skipDefaultNodeGroup: true,
  skipDefaultSecurityGroups: true,
  useDefaultVpcCni: true,
  "corednsAddonOptions.enabled": false,
  "kubeProxyAddonOptions.enabled": false,
};

/** The component reads these as plain values, even if the program passes outputs. */
async function refuseDefaults(inputs: pulumi.Inputs): Promise<void> {
  for (const [path, expected] of Object.entries(DEFAULTS_OFF)) {
    const [key = "", inner] = path.split(".");
    const value = await promised(inputs[key]);
    const actual = inner === undefined ? value : (value as Record<string, unknown> | undefined)?.[inner];
    if (actual !== expected)
      throw new Error(`the stub of ${CLUSTER} can only be used with ${path}: ${expected}`);
  }
}

const promised = (value: unknown): Promise<unknown> =>
  (pulumi.output(value) as unknown as { promise: () => Promise<unknown> }).promise();

const [, , , dir = "", ...engine] = process.argv;
const world = new World(dir);
endWithParent();
void main(
  {
    version: sdkVersion("eks"),
    construct: async (name, token, inputs, options) => {
      const refuse = (message: string): never => {
        world.record({ plugin: "eks", method: "Construct", token, name, outcome: "refused", message });
        throw new Error(message);
      };
      if (token !== CLUSTER) refuse(`unknown resource type ${token}`);
      try {
        requireAwsCli();
        await refuseDefaults(inputs);
      } catch (error) {
        refuse((error as Error).message);
      }
      const { urn, eksCluster, kubeconfigJson } = new EksCluster(name, inputs, options, world.options);
      world.record({ plugin: "eks", method: "Construct", token, name, outcome: "ok" });
      return { urn, state: { eksCluster, kubeconfigJson } };
    },
  },
  engine,
);
