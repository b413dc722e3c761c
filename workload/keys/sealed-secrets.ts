import { z } from "zod";
import { checkUnique } from "../../config/checks";
import { findIf, invalid } from "../../config/findings";
import { dnsSubdomain, matching } from "../../config/formats";
import { OWN_SECRETS } from "../names";
import { imagePullSecrets } from "./image-pull-secrets";
import { rule, section } from "./section";

/** What kubeseal prints: 2 bytes with the length of a key of at least 2048 bits, that key, and the value. */
const sealed = matching(/^[A-Za-z0-9+/]{300,}={0,2}$/, "must be a value that kubeseal printed");

export const sealedSecrets = z
  .array(
    section({
      name: dnsSubdomain.meta({ description: "Name of the Secret, for which it was sealed." }),
      type: z.string().min(1).optional().meta({
        description: "Type of the Secret, such as kubernetes.io/dockerconfigjson. Default: Opaque.",
      }),
      scope: z.enum(["strict", "namespace-wide", "cluster-wide"]).default("strict").meta({
        description: "As in `kubeseal --scope`: for which names and namespaces it can be opened.",
      }),
      encryptedData: z
        .record(z.string().regex(/^[-._a-zA-Z0-9]{1,253}$/), sealed)
        .refine((values) => Object.keys(values).length > 0, "must have at least one key")
        .meta({ description: "The sealed values, which only the cluster's controller can open." }),
    }),
  )
  .default([])
  .meta({
    description:
      "Secrets that the cluster's Sealed Secrets controller writes, for the keys that name a Secret of yours, such as `apiKeys.existingSecret`.",
  });

export const rules = [
  rule({ sealedSecrets, imagePullSecrets }, (config) => [
    ...checkUnique(config, "sealedSecrets[].name", { another: (name, i) => `${name}-${i + 1}` }),
    ...config.sealedSecrets.flatMap(({ name }, i) =>
      findIf(
        OWN_SECRETS.includes(name) ||
          config.imagePullSecrets.some((each) => each.name === name && each.server !== undefined),
        () =>
          invalid(
            ["sealedSecrets", i, "name"],
            name,
            "must not be the name of a Secret that the stack itself creates",
            "sealed-keys",
          ),
      ),
    ),
  ]),
];
