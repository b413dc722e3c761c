import { Secret } from "@pulumi/kubernetes/core/v1";
import type * as pulumi from "@pulumi/pulumi";
import { SSH_FILES } from "../../runner/src/contract";
import type { RalphConfig } from "../keys";
import { GIT_SECRET } from "../names";
import type { Scope } from "../scope";

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
    { metadata: metadata(GIT_SECRET), type: "kubernetes.io/ssh-auth", stringData },
    options(),
  );
}
