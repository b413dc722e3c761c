import { Secret } from "@pulumi/kubernetes/core/v1";
import type * as pulumi from "@pulumi/pulumi";
import { SSH_FILES } from "../../runner/src/contract";
import type { RalphConfig } from "../keys";
import { GIT_SECRET } from "../names";
import type { Scope } from "../scope";

/** The contents of the Secret by file name; empty if the Secret is not created here. */
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
