import { callProgram } from "../program";
import type { Config } from "./config";
import { GCLOUD } from "./kubeconfig";
import { LOGIN } from "./registry";

/** A call that takes longer hangs. */
const TIMEOUT = 60_000;

/** gcloud is missing, not logged in, or was refused something; the message is what it printed. */
export class GcloudError extends Error {}

/** Runs gcloud with the credentials of the kubeconfig. It blocks. @returns its answer as JSON */
export function gcloud(credentials: Config["credentials"], ...words: readonly string[]): string {
  const [, ...login] = LOGIN[credentials].password;
  // gcloud has an account of its own; this variable gives it another one's token.
  const token = call(login, {}).trim();
  return call([...words, "--format=json"], { CLOUDSDK_AUTH_ACCESS_TOKEN: token });
}

function call(args: readonly string[], variables: Readonly<Record<string, string>>): string {
  const { command } = GCLOUD;
  const { code, stdout, stderr, error } = callProgram({ command, args, variables, timeout: TIMEOUT });
  if (code !== 0) throw new GcloudError(error?.message ?? stderr.trim());
  return stdout;
}
