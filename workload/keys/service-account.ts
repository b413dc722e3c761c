import { z } from "zod";
import { dnsSubdomain, labels, stringMap } from "../../config/formats";
import { SERVICE_ACCOUNT } from "../names";
import { forbidden } from "../../config/findings";
import { rule, section, warning } from "./section";

export const serviceAccount = section({
  create: z
    .boolean()
    .default(true)
    .meta({ description: "If false, the service account `name` exists already." }),
  name: dnsSubdomain.default(SERVICE_ACCOUNT).meta({ description: "Its name." }),
  annotations: stringMap.default({}).meta({
    description: "Annotations, such as those by which a cloud grants pods an identity.",
  }),
  labels: labels.default({}).meta({ description: "Labels." }),
  automountToken: z
    .boolean()
    .default(false)
    .meta({ description: "Whether pods get a token of the service account." }),
})
  .prefault({})
  .meta({ description: "The service account of Ralph's pods; Ralph itself never calls the API server." });

export const rules = [
  rule({ serviceAccount }, ({ serviceAccount: { create, annotations, labels: given } }) =>
    create
      ? []
      : Object.entries({ annotations, labels: given }).flatMap(([key, values]) =>
          Object.keys(values).length === 0
            ? []
            : [
                forbidden(
                  ["serviceAccount", key],
                  "serviceAccount.create is false: they are its owner's to set",
                ),
              ],
        ),
  ),
];

export const warnings = [
  warning({ serviceAccount }, ({ serviceAccount: { automountToken } }) =>
    automountToken
      ? [
          "serviceAccount.automountToken is true: Ralph's agents can read every Secret of the namespace, with the passwords " +
            "of registries and the key of git: pulumi config rm --path ralph:serviceAccount.automountToken",
        ]
      : [],
  ),
];
