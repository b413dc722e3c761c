import { ToolError } from "../../lib/errors";
import { openStack } from "../engine/stack";
import { placeOf } from "../place";
import type { DiagnoseOptions } from ".";

/**
 * How to reach the cluster of a stack. The kubeconfig passes from the engine's state to this process alone.
 *
 * @throws ToolError if the stack has no cluster
 */
export async function stackAccess(name: string): Promise<DiagnoseOptions> {
  const stack = await openStack(name);
  const outputs = await stack.outputs();
  const kubeconfig = outputs.kubeconfig?.value as string | undefined;
  if (kubeconfig === undefined)
    throw new ToolError(
      `stack ${name} has no cluster: pulumi up --stack ${name}\n` +
        "If its first `up` has failed: ./ralphctl doctor --kubeconfig <file> --namespace <name>",
    );
  return {
    kubeconfig,
    namespace: outputs.namespace?.value as string | undefined,
    place: await placeOf(stack),
  };
}
