import { z } from "zod";
import { checkUnique } from "../../../config/checks";
import { isCredential } from "../../../config/confidential";
import { type Finding, findIf, forbidden, invalid } from "../../../config/findings";
import { dnsSubdomain, matching } from "../../../config/formats";
import type { Path } from "../../../config/path";
import { rule, section } from "../section";

const variableName = matching(
  /^[A-Za-z_][A-Za-z0-9_]*$/,
  "must be the name of a variable: letters, digits and '_'",
);

const keyOf = (kind: string) =>
  section({
    name: dnsSubdomain.meta({ description: `Name of the ${kind}.` }),
    key: z.string().min(1).meta({ description: "Its key." }),
    optional: z.boolean().optional().meta({ description: "Whether it may be missing." }),
  }).optional();

/** A variable as containers have it (core/v1 EnvVar). */
export const variable = section({
  name: variableName.meta({ description: "Name of the variable." }),
  value: z.string().optional().meta({ description: "Its value. Everyone who sees the Deployment sees it." }),
  valueFrom: section({
    secretKeyRef: keyOf("Secret"),
    configMapKeyRef: keyOf("ConfigMap"),
    fieldRef: section({
      fieldPath: z.string().min(1).meta({ description: "Path of the field." }),
    })
      .optional()
      .meta({ description: "Field of the pod, such as `metadata.name`." }),
  })
    .optional()
    .meta({ description: "Where the value is, in place of `value`." }),
});

const source = (kind: string) =>
  section({
    name: dnsSubdomain.meta({ description: `Name of the ${kind}.` }),
    optional: z.boolean().optional().meta({ description: "Whether it may be missing." }),
  }).optional();

export const extraEnv = z.array(variable).default([]).meta({
  description: "More variables of every Ralph pod, as a container has them; agents see them.",
});

export const extraEnvFrom = z
  .array(
    section({
      prefix: variableName.optional().meta({ description: "Text before each name." }),
      secretRef: source("Secret").meta({ description: "Secret whose keys become variables." }),
      configMapRef: source("ConfigMap").meta({ description: "ConfigMap whose keys become variables." }),
    }),
  )
  .default([])
  .meta({
    description: "Secrets and ConfigMaps of the namespace whose keys become variables of every Ralph pod.",
  });

/** The runner's own variables, and those that point at the container's folders and programs. */
const RESERVED = /^(RALPH_|RUNNER_)|^(HOME|PATH)$/;
/** Names that only a credential has. */
const SECRET_NAME = /(^|_)(TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?)$/i;
/** Google's name for the path of a file. */
const A_PATH = /^GOOGLE_APPLICATION_CREDENTIALS$/;

type Variable = z.output<typeof variable>;

/** What is wrong with the variables of a container. @param reserved the names that it must not set */
export const checkVariables = (variables: readonly Variable[], at: Path, reserved = RESERVED): Finding[] =>
  variables.flatMap(({ name, value = "", ...given }, i) => {
    const sources = [
      given.valueFrom?.secretKeyRef,
      given.valueFrom?.configMapKeyRef,
      given.valueFrom?.fieldRef,
    ];
    const count = [value || undefined, ...sources].filter((each) => each !== undefined).length;
    return [
      ...findIf(reserved.test(name), () =>
        invalid([...at, i, "name"], name, "must not be a variable of this program", `MY_${name}`),
      ),
      ...findIf(count > 1, () => forbidden([...at, i, "valueFrom"], `${name} has ${count} values`)),
      ...findIf(isCredential(value) || (value !== "" && SECRET_NAME.test(name) && !A_PATH.test(name)), () =>
        forbidden(
          [...at, i, "value"],
          `${name} looks like a credential, which everyone could read in the Deployment; use valueFrom.secretKeyRef`,
        ),
      ),
    ];
  });

export const rules = [
  rule({ extraEnv }, (config) => [
    ...checkUnique(config, "extraEnv[].name"),
    ...checkVariables(config.extraEnv, ["extraEnv"]),
  ]),
  rule({ extraEnvFrom }, (config) =>
    config.extraEnvFrom.flatMap(({ secretRef, configMapRef }, i) =>
      findIf((secretRef === undefined) === (configMapRef === undefined), () =>
        forbidden(["extraEnvFrom", i], "an entry has either secretRef or configMapRef"),
      ),
    ),
  ),
];
