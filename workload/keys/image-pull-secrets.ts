import { z } from "zod";
import { checkUnique } from "../../config/checks";
import { findIf, invalid, required } from "../../config/findings";
import { dnsSubdomain } from "../../config/formats";
import { API_KEY_SECRET, EXTERNAL_API_KEY_SECRET, EXTERNAL_GIT_SECRET, GIT_SECRET } from "../names";
import { externalSecret, checkExternal } from "./external-secret";
import { rule, secretText, section } from "./section";

const RESERVED: Readonly<Record<string, string>> = {
  [API_KEY_SECRET]: "the API keys",
  [GIT_SECRET]: "the SSH key",
  [EXTERNAL_API_KEY_SECRET]: "the API keys",
  [EXTERNAL_GIT_SECRET]: "the credentials for git",
};

export const imagePullSecrets = z
  .array(
    section({
      name: dnsSubdomain.meta({ description: "Name of the Secret." }),
      server: z
        .string()
        .min(1)
        .optional()
        .meta({ description: "Registry host. If set, the Secret is created." }),
      username: z.string().min(1).optional().meta({ description: "User at the registry." }),
      password: secretText.optional().meta({ description: "Secret. Password or token of that user." }),
      externalSecret: externalSecret({ password: "the password or token of that user" }),
    }),
  )
  .default([])
  .meta({ description: "Pull Secrets, such as `regcred`: created here, or the names of existing ones." });

export const rules = [
  rule({ imagePullSecrets }, ({ imagePullSecrets: secrets }) =>
    secrets.flatMap(({ server, username, password, externalSecret: external }, i) => {
      const given = { server, username, password: password ?? external };
      const missing = Object.entries(given).filter(([, value]) => value === undefined);
      return missing.length === 3
        ? []
        : missing.map(([key]) =>
            required(
              ["imagePullSecrets", i, key],
              `<${key}>`,
              "server, username and password are set together, or none of them for an existing Secret",
            ),
          );
    }),
  ),
  rule({ imagePullSecrets }, ({ imagePullSecrets: secrets }) =>
    secrets.flatMap(({ password, externalSecret: external }, i) =>
      checkExternal(["imagePullSecrets", i], external, { password }),
    ),
  ),
  rule({ imagePullSecrets }, (config) => [
    ...checkUnique(config, "imagePullSecrets[].name", { another: (name, i) => `${name}-${i + 1}` }),
    ...config.imagePullSecrets.flatMap(({ name }, i) =>
      findIf(Object.hasOwn(RESERVED, name), () =>
        invalid(
          ["imagePullSecrets", i, "name"],
          name,
          `must not be the name of the Secret with ${RESERVED[name]}`,
          "regcred",
        ),
      ),
    ),
  ]),
];
