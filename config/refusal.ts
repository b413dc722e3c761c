import * as pulumi from "@pulumi/pulumi";

/**
 * An error that the user can fix: the engine prints its message and ends the run. It has no stack trace, which would
 * not be shown anyway: the SDK lets Node format it, and Node 20.20 never finishes on a frame such as the SDK's own
 * `node_modules/@pulumi/resource.ts` but uses up all memory.
 */
export function refusal(message: string): Error {
  const error = new pulumi.RunError(message);
  error.stack = undefined;
  return error;
}
