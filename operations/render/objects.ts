import * as pulumi from "@pulumi/pulumi";

import { readConfig } from "../../stack";
import { imageReference } from "../../workload/image";
import { Ralph } from "../../workload";
import type { StackConfig } from "./stack-config";

/** A manifest. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/**
 * The objects that the program would create, or a GitOps tool that owns the workload, from a stack's configuration. The program's own component runs against
 * Pulumi's mock monitor, so no object is described twice.
 *
 * @throws pulumi.RunError if the configuration is invalid, as a run by the engine would
 */
export async function workloadObjects(stack: string, config: StackConfig): Promise<KubernetesObject[]> {
  const objects: KubernetesObject[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        if (type.startsWith("kubernetes:")) objects.push(inputs as KubernetesObject);
        return { id: name, state: inputs as Record<string, unknown> };
      },
      call: ({ inputs }) => inputs as Record<string, unknown>,
    },
    "ralph",
    stack,
    false,
  );
  pulumi.runtime.setAllConfig({ ...config.values }, [...config.secretKeys]);
  try {
    const { ralph, traits } = readConfig({ offline: true });
    await pulumi.runtime.runInPulumiStack(() => {
      new Ralph("ralph", { config: ralph, traits, image: imageReference(ralph.image), rendered: true });
      return Promise.resolve();
    });
  } finally {
    await pulumi.runtime.disconnect();
  }
  return objects;
}
