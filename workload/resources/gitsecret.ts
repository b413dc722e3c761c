import { Secret } from "@pulumi/kubernetes/core/v1";
import type * as pulumi from "@pulumi/pulumi";
import { HTTPS_FILES, SSH_FILES } from "../../runner/src/contract";
import type { RalphConfig } from "../keys";
import { GIT_SECRET, gitSecretName } from "../names";
import type { Scope } from "../scope";

/** The contents of the Secret by file name; empty if the Secret is not created here. */
export function gitData(config: RalphConfig): Record<string, pulumi.Input<string>> {
  const { privateKey, knownHosts, token, githubApp, ca } = config.git;
  if (gitSecretName(config) !== GIT_SECRET) return {};
  const files = {
    [SSH_FILES.privateKey]: privateKey,
    [SSH_FILES.knownHosts]: knownHosts,
    [HTTPS_FILES.token]: token,
    [HTTPS_FILES.appKey]: githubApp?.privateKey,
    [HTTPS_FILES.ca]: ca,
  };
  return Object.fromEntries(
    Object.entries(files).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])),
  );
}

export function gitSecret({ name, config, metadata, options }: Scope): Secret | undefined {
  const stringData = gitData(config);
  if (Object.keys(stringData).length === 0) return undefined;
  const type = SSH_FILES.privateKey in stringData ? "kubernetes.io/ssh-auth" : "Opaque";
  return new Secret(`${name}-git`, { metadata: metadata(GIT_SECRET), type, stringData }, options());
}
