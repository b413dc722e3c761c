import type { core } from "@pulumi/kubernetes/types/input";
import { GIT_SERVICE, MOUNTS, type Variables } from "../runner/src/contract";
import { extraVariables, extraVolumes, RESTRICTED } from "./fit";
import { CONFIG_MAP, gitSecretName } from "./names";
import type { Scope } from "./scope";

/**
 * The container that reaches the git server for Ralph's. An agent has the rights of Ralph's container, so the credentials
 * are mounted in this one only; they share a folder with a socket, and nothing else. A native sidecar: it starts before
 * Ralph and ends after it.
 *
 * @param env the run's own variables, such as those of its source
 */
export function gitContainer(
  scope: Scope,
  env: Variables = {},
): { readonly containers: core.v1.Container[]; readonly volumes: core.v1.Volume[] } {
  const { config, image } = scope;
  const secretName = gitSecretName(config);
  if (secretName === undefined) return { containers: [], volumes: [] };
  const authorities = extraVolumes(config).mounts.filter(({ name }) => name === "ca");
  return {
    containers: [
      {
        name: "git",
        image,
        imagePullPolicy: config.image.pullPolicy,
        restartPolicy: "Always",
        args: [GIT_SERVICE],
        envFrom: [{ configMapRef: { name: CONFIG_MAP } }],
        // With the user's, which may name a proxy.
        env: [...Object.entries(env).map(([name, value]) => ({ name, value })), ...extraVariables(config)],
        resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "1", memory: "1Gi" } },
        securityContext: RESTRICTED,
        volumeMounts: [
          { name: "git", mountPath: MOUNTS.ssh, readOnly: true },
          { name: "git-socket", mountPath: MOUNTS.socket },
          { name: "git-cache", mountPath: "/tmp" },
          ...authorities,
        ],
      },
    ],
    volumes: [
      // Owned by root and readable by the pod's group: SSH accepts such a key, because another user owns it.
      { name: "git", secret: { secretName, defaultMode: 0o440 } },
      { name: "git-cache", emptyDir: {} },
    ],
  };
}
