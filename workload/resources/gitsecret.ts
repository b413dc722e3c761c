import { Secret } from "@pulumi/kubernetes/core/v1";
import type * as pulumi from "@pulumi/pulumi";
import { SSH_FILES } from "../../runner/src/contract";
import type { RalphConfig } from "../config";
import type { Scope } from "../scope";

/** The Secret that pods push with: ours, or the one that others manage; undefined where nothing is pushed. */
export const gitSecretName = ({ git }: RalphConfig): string | undefined =>
  git.remote === undefined ? undefined : (git.existingSecret ?? "ralph-git");

/** What is in it, by the names of files; empty where it is not ours. */
export function gitData({
  git: { remote, privateKey, knownHosts },
}: RalphConfig): Record<string, pulumi.Input<string>> {
  return remote === undefined || privateKey === undefined || knownHosts === undefined
    ? {}
    : { [SSH_FILES.privateKey]: privateKey, [SSH_FILES.knownHosts]: knownHosts };
}

export function gitSecret({ name, config, metadata, options }: Scope): Secret | undefined {
  const stringData = gitData(config);
  if (Object.keys(stringData).length === 0) return undefined;
  return new Secret(
    `${name}-git`,
    { metadata: metadata(gitSecretName(config)), type: "kubernetes.io/ssh-auth", stringData },
    options(),
  );
}
