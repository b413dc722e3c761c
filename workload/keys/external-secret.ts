import { z } from "zod";
import { type Finding, findIf, forbidden, required } from "../../config/findings";
import { dnsSubdomain, matching } from "../../config/formats";
import type { Path } from "../../config/path";
import { SECRET_STORE } from "../names";
import { keysIn } from "./existing-secret";
import { section } from "./section";

const name = matching(/^[^\s]{1,512}$/, "must be the name of a secret in the store, without white space");

const remote = (what: string) =>
  section({
    key: name.meta({ description: `Name of the secret in the store that has ${what}.` }),
    property: name.optional().meta({ description: "Its property, if the secret is JSON." }),
  }).optional();

/**
 * A Secret that External Secrets writes: its values are in a store outside of the cluster, and in no configuration.
 *
 * @param keys what each key of the Secret holds, in words
 */
export const externalSecret = <Key extends string>(keys: Readonly<Record<Key, string>>) =>
  section({
    store: section({
      name: dnsSubdomain.meta({ description: "Name of the store." }),
      // A store within the namespace cannot exist before the first `pulumi up` has created the namespace.
      kind: z
        .enum(["ClusterSecretStore", "SecretStore"])
        .default("ClusterSecretStore")
        .meta({ description: "Its kind; a SecretStore is in the stack's namespace." }),
    })
      .optional()
      .meta({ description: "Store of External Secrets; `ralph-store` if `secretStore.cloud` is on." }),
    refreshInterval: matching(/^([1-9]\d*[smh])+$/, "must be a duration such as 15m or 1h")
      .default("1h")
      .meta({ description: "How often it is read. A rotated value arrives within that time." }),
    keys: section(
      Object.fromEntries(
        (Object.entries(keys) as [Key, string][]).map(([key, what]) => [key, remote(what)]),
      ) as Record<Key, ReturnType<typeof remote>>,
    ).meta({ description: "Where each value is." }),
  })
    .optional()
    .meta({ description: "The Secret is written by External Secrets, from a store, instead." });

export type ExternalSecretConfig = NonNullable<z.output<ReturnType<typeof externalSecret<string>>>>;
export type Remote = NonNullable<ExternalSecretConfig["keys"][string]>;

/** The store that it names, or that of the cluster's cloud. */
export const storeOf = ({ store }: Pick<ExternalSecretConfig, "store">) =>
  store ?? { name: SECRET_STORE, kind: "SecretStore" as const };

/**
 * An external Secret has at least one key, and nothing else says what is in the Secret.
 *
 * @param others the keys beside it that would
 */
export const checkExternal = (
  at: Path,
  external: ExternalSecretConfig | undefined,
  others: object,
): Finding[] =>
  external === undefined
    ? []
    : [
        ...keysIn(others).map((key) =>
          forbidden([...at, key], `the Secret comes from the store ${storeOf(external).name}`),
        ),
        ...findIf(keysIn(external.keys).length === 0, () => {
          const first = [...at, "externalSecret", "keys", firstKey(at)];
          return required(first, { at: [...first, "key"], value: "<name in the store>" });
        }),
      ];

const firstKey = ([section]: Path): string =>
  ({ apiKeys: "claude", git: "token" })[String(section)] ?? "password";
