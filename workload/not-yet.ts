import type { Namespace } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { HTTPS_FILES } from "../runner/src/contract";
import { awaitedSecret } from "./key-files";
import type { RalphConfig } from "./keys";
import { gitSecretName, LOGIN_KEYS } from "./names";

/** Something of the user's that pods wait for. */
interface Awaited {
  /** The key that names it. */
  readonly key: string;
  readonly what: string;
  /** Creates it. */
  readonly command: string;
  /** Whether the workers themselves wait for it; the update does, if absent. */
  readonly waits?: "workers";
}

/**
 * Warns, in the preview of the update that creates the namespace, of what has to exist in it and cannot yet. For all but
 * the workers' key, the update would wait without a word, and fail after ten minutes.
 */
export async function announce(
  parent: pulumi.Resource,
  namespace: Namespace,
  config: RalphConfig,
): Promise<void> {
  const missing = awaitedBy(config);
  if (missing.length === 0 || !pulumi.runtime.isDryRun() || (await exists(namespace))) return;
  for (const { key, what, command, waits } of missing) {
    const run = `kubectl --namespace ${config.namespace} ${command}`;
    await pulumi.log.warn(
      `${what} (${key}) cannot exist yet, because this update creates its namespace. ` +
        (waits === "workers"
          ? `The workers start without it, and pause until it exists. After \`pulumi up\`: ${run}`
          : "Its pods wait for it, for ten minutes at most. While `pulumi up` runs, run this in another terminal: " +
            `until ${run}; do sleep 5; done`),
      parent,
    );
  }
}

/** A preview knows the id of what exists, and of nothing else. */
const exists = (resource: pulumi.CustomResource): Promise<boolean> =>
  (resource.id as unknown as { readonly isKnown: Promise<boolean> }).isKnown;

function awaitedBy(config: RalphConfig): Awaited[] {
  const { apiKeys, git, imagePullSecrets, login, extraEnvFrom } = config;
  const stores = [
    { key: "apiKeys", external: apiKeys.externalSecret },
    { key: "git", external: gitSecretName(config) === undefined ? undefined : git.externalSecret },
    ...imagePullSecrets.map(({ externalSecret: external }, i) => ({
      key: `imagePullSecrets[${i}]`,
      external,
    })),
  ].flatMap(({ key, external }) =>
    external?.store?.kind !== "SecretStore"
      ? []
      : [
          {
            key: `ralph:${key}.externalSecret.store`,
            what: `The SecretStore ${external.store.name}`,
            command: "apply --filename <its manifest>",
          },
        ],
  );
  const secret = (key: string, name: string | undefined, create: string): Awaited[] =>
    name === undefined
      ? []
      : [{ key: `ralph:${key}`, what: `The Secret ${name}`, command: `create secret ${create}` }];
  return [
    ...secret(
      "apiKeys.existingSecret",
      apiKeys.existingSecret,
      `generic ${apiKeys.existingSecret} --from-file=CLAUDE_API_KEY=<file>`,
    ).map((each): Awaited => (awaitedSecret(config) === undefined ? each : { ...each, waits: "workers" })),
    ...secret(
      "git.existingSecret",
      gitSecretName(config) === undefined ? undefined : git.existingSecret,
      `generic ${git.existingSecret} --from-file=${HTTPS_FILES.token}=<file>`,
    ),
    ...imagePullSecrets.flatMap(({ name, server }, i) =>
      server === undefined
        ? secret(
            `imagePullSecrets[${i}].name`,
            name,
            `docker-registry ${name} --docker-server=<server> --docker-username=<user> --docker-password=<password>`,
          )
        : [],
    ),
    ...secret(
      "login.existingSecret",
      login.enabled ? login.existingSecret : undefined,
      `generic ${login.existingSecret} ${Object.values(LOGIN_KEYS)
        .map((key) => `--from-file=${key}=<file>`)
        .join(" ")}`,
    ),
    ...extraEnvFrom.flatMap(({ secretRef }, i) =>
      secretRef === undefined || secretRef.optional === true
        ? []
        : secret(
            `extraEnvFrom[${i}].secretRef`,
            secretRef.name,
            `generic ${secretRef.name} --from-env-file=<file>`,
          ),
    ),
    ...stores,
  ];
}
