import { z } from "zod";
import { type Finding, findIf, forbidden, invalid, required } from "../../config/findings";
import { matching, publicAddress } from "../../config/formats";
import type { Path } from "../../config/path";
import { SECRETS_OPERATOR } from "../names";
import { apiKeys } from "./api-keys";
import type { ExternalSecretConfig } from "./external-secret";
import { git } from "./git";
import { imagePullSecrets } from "./image-pull-secrets";
import { namespace } from "./namespace";
import { clusterRule, rule, section } from "./section";

export const secretStore = section({
  cloud: z.boolean().default(false).meta({
    description:
      "Creates the SecretStore `ralph-store` for the secret store of the cluster's own cloud, with an identity that reads nothing else. Needs External Secrets.",
  }),
  prefix: matching(
    /^[A-Za-z0-9][A-Za-z0-9-]*$/,
    "must be letters, digits and '-', which the stores of all clouds accept",
  )
    .default("ralph-")
    .meta({
      description: "The identity reads the secrets whose names begin with it. On AKS all of the vault.",
    }),
  vault: matching(
    /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/[\w.()-]+\/providers\/Microsoft\.KeyVault\/vaults\/[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]$/i,
    "must be the Azure resource id of a Key Vault: /subscriptions/.../Microsoft.KeyVault/vaults/<name>",
  )
    .optional()
    .meta({ description: "AKS: the Key Vault, with Azure RBAC, for this stack alone." }),
  install: z.enum(["none", "external-secrets"]).default("none").meta({
    description:
      "Installs External Secrets into the namespace `external-secrets`, for the stack's own namespace only.",
  }),
  version: matching(/^\d+\.\d+\.\d+$/, "must be a version such as 2.9.0")
    .default("2.9.0")
    .meta({ description: "Version of the chart. Its authors support the newest minor version only." }),
  chartRepository: publicAddress(/^https?:\/\/\S+$/, "must be the address of a Helm repository")
    .default("https://charts.external-secrets.io")
    .meta({ description: "Helm repository of the chart, such as a mirror." }),
})
  .prefault({})
  .meta({ description: "Where the values of Secrets are, outside of the cluster (docs/secrets.md)." });

interface Users {
  readonly apiKeys: z.output<typeof apiKeys>;
  readonly git: z.output<typeof git>;
  readonly imagePullSecrets: z.output<typeof imagePullSecrets>;
}

/** Every Secret from a store, with the key that describes it. */
const externals = ({ apiKeys: keys, git: repository, imagePullSecrets: pulls }: Users) =>
  [
    { at: ["apiKeys"] as Path, external: keys.externalSecret as ExternalSecretConfig | undefined },
    { at: ["git"] as Path, external: repository.externalSecret as ExternalSecretConfig | undefined },
    ...pulls.map(({ externalSecret }, i) => ({
      at: ["imagePullSecrets", i] as Path,
      external: externalSecret as ExternalSecretConfig | undefined,
    })),
  ].flatMap(({ at, external }) =>
    external === undefined ? [] : [{ at: [...at, "externalSecret"] as Path, external }],
  );

export const rules = [
  rule({ secretStore, apiKeys, git, imagePullSecrets }, ({ secretStore: { cloud }, ...users }) =>
    externals(users).flatMap(({ at, external }) =>
      findIf(external.store === undefined && !cloud, () =>
        required(
          [...at, "store"],
          { at: [...at, "store", "name"], value: "<store>" },
          "or secretStore.cloud creates one",
        ),
      ),
    ),
  ),
  rule({ secretStore, namespace }, ({ secretStore: { install }, namespace: name }) =>
    findIf(install !== "none" && name === SECRETS_OPERATOR.namespace, () =>
      invalid(["namespace"], name, "must not be the namespace of External Secrets, which the stack installs"),
    ),
  ),
  clusterRule(
    { secretStore, apiKeys, git, imagePullSecrets },
    ({ secretStore: { cloud, install, prefix, vault }, ...users }, { secretStore: own }): Finding[] => {
      const key = (name: string) => ["secretStore", name];
      if (own === undefined)
        return [
          ...findIf(cloud, () =>
            invalid(key("cloud"), cloud, "must be false: the cluster's cloud is not known", "false"),
          ),
          ...findIf(install !== "none", () =>
            invalid(
              key("install"),
              install,
              "must be none: its kinds belong to the whole cluster, and would be deleted with the stack",
              "none",
            ),
          ),
        ];
      const needsVault = cloud && own.limit === "vault";
      return [
        ...findIf(needsVault && vault === undefined, () =>
          required(key("vault"), "<resource id>", "the identity reads one vault"),
        ),
        ...findIf(!needsVault && vault !== undefined, () =>
          forbidden(key("vault"), cloud ? "this cloud has no vaults" : "secretStore.cloud is false"),
        ),
        ...externals(users).flatMap(({ at, external }) =>
          Object.entries(external.keys).flatMap(([name, remote]) =>
            findIf(
              cloud &&
                own.limit === "prefix" &&
                external.store === undefined &&
                remote !== undefined &&
                !remote.key.startsWith(prefix),
              () =>
                invalid(
                  [...at, "keys", name, "key"],
                  remote?.key,
                  `must begin with secretStore.prefix, ${prefix}: the identity reads no others`,
                  `${prefix}${remote?.key}`,
                ),
            ),
          ),
        ),
      ];
    },
  ),
];
