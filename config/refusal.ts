import * as pulumi from "@pulumi/pulumi";

/**
 * An error of the user's to mend: the engine prints it as it is and ends the run. It is without its stack,
 * which is not shown anyway: the SDK has Node colour it, and Node 20.20 does not come to an end with a frame
 * such as the SDK's own `node_modules/@pulumi/resource.ts`, it takes all memory.
 */
export function refusal(message: string): Error {
  const error = new pulumi.RunError(message);
  error.stack = undefined;
  return error;
}
