import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import type * as pulumi from "@pulumi/pulumi";
import { API_KEYS, HTTPS_FILES, KEYED_AGENTS, SSH_FILES } from "../../runner/src/contract";
import type { RalphConfig } from "../keys";
import { type ExternalSecretConfig, type Remote, storeOf } from "../keys/external-secret";
import { apiKeySecretName, gitSecretName } from "../names";
import { DELETED_AT_ONCE, type Scope } from "../scope";

/** A Secret that External Secrets writes. */
interface Wanted {
  /** Suffix of the logical name. */
  readonly suffix: string;
  /** Name of the Secret, and of the object that describes it. */
  readonly name: string;
  readonly external: ExternalSecretConfig;
  /** Where each key of the Secret is. */
  readonly data: Readonly<Record<string, Remote | undefined>>;
  /** Type of the Secret, and what it contains besides; as Go templates. */
  readonly template?: Readonly<Record<string, unknown>>;
}

/** What each kind of pod needs exists before it: `up` waits until the values have arrived. */
const READY = { "pulumi.com/waitFor": "condition=Ready" };
/** The controller answers within seconds. By default `up` would wait for ten minutes for a mistyped name. */
const PATIENCE = { create: "5m", update: "5m" };

/** The Secrets whose values are in a store outside of the cluster (https://external-secrets.io). */
export const externalSecrets = (scope: Scope, dependsOn: readonly pulumi.Resource[]): CustomResource[] =>
  wantedBy(scope.config).map(({ suffix, name: target, external, data, template }) => {
    const { name, metadata, options } = scope;
    return new CustomResource(
      `${name}-external-${suffix}`,
      {
        apiVersion: "external-secrets.io/v1",
        kind: "ExternalSecret",
        metadata: metadata(target, undefined, { ...READY, ...DELETED_AT_ONCE }),
        spec: {
          refreshInterval: external.refreshInterval,
          secretStoreRef: storeOf(external),
          // A value that is deleted in the store stays: running pods go on.
          target: {
            name: target,
            creationPolicy: "Owner",
            deletionPolicy: "Retain",
            ...(template === undefined ? {} : { template: { engineVersion: "v2", ...template } }),
          },
          data: Object.entries(data).flatMap(([secretKey, remoteRef]) =>
            remoteRef === undefined ? [] : [{ secretKey, remoteRef }],
          ),
        },
      },
      options({ customTimeouts: PATIENCE, dependsOn: [...dependsOn] }),
    );
  });

function wantedBy(config: RalphConfig): Wanted[] {
  const { apiKeys, git, imagePullSecrets } = config;
  const gitName = gitSecretName(config);
  return [
    ...(apiKeys.externalSecret === undefined
      ? []
      : [
          {
            suffix: "keys",
            name: apiKeySecretName(config),
            external: apiKeys.externalSecret,
            data: apiKeyRemotes(apiKeys.externalSecret),
          },
        ]),
    ...(git.externalSecret === undefined || gitName === undefined
      ? []
      : [
          {
            suffix: "git",
            name: gitName,
            external: git.externalSecret,
            ...gitFiles(git, git.externalSecret),
          },
        ]),
    ...imagePullSecrets.flatMap(({ name, server, username, externalSecret: external }) =>
      external === undefined || server === undefined || username === undefined
        ? []
        : [
            {
              suffix: `pull-${name}`,
              name,
              external,
              data: { password: external.keys.password },
              template: {
                type: "kubernetes.io/dockerconfigjson",
                data: { ".dockerconfigjson": dockerConfig(server, username) },
              },
            },
          ],
    ),
  ];
}

const apiKeyRemotes = ({ keys }: NonNullable<RalphConfig["apiKeys"]["externalSecret"]>): Wanted["data"] =>
  Object.fromEntries(KEYED_AGENTS.map((agent) => [API_KEYS[agent], keys[agent]]));

function gitFiles(
  { knownHosts, ca }: RalphConfig["git"],
  { keys }: NonNullable<RalphConfig["git"]["externalSecret"]>,
): Pick<Wanted, "data" | "template"> {
  const open = { [SSH_FILES.knownHosts]: knownHosts, [HTTPS_FILES.ca]: ca };
  const given = Object.entries(open).flatMap(([file, text]) => (text === undefined ? [] : [[file, text]]));
  return {
    data: {
      [SSH_FILES.privateKey]: keys.privateKey,
      [HTTPS_FILES.token]: keys.token,
      [HTTPS_FILES.appKey]: keys.githubAppKey,
    },
    template: {
      type: keys.privateKey === undefined ? "Opaque" : "kubernetes.io/ssh-auth",
      // Beside what comes from the store.
      ...(given.length > 0 ? { mergePolicy: "Merge", data: Object.fromEntries(given) } : {}),
    },
  };
}

/** A template of the file that container runtimes log in with. */
function dockerConfig(server: string, username: string): string {
  const user = JSON.stringify(username);
  const auth = `{{ printf "%s:%s" ${user} .password | b64enc | toJson }}`;
  return `{"auths":{${JSON.stringify(server)}:{"username":${user},"password":{{ .password | toJson }},"auth":${auth}}}}`;
}
