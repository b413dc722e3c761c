import { z } from "zod";
import { checkCertificates } from "../../../config/certificates";
import { findIf, forbidden } from "../../../config/findings";
import { dnsSubdomain } from "../../../config/formats";
import { rule, section } from "../section";

export const trustedCA = section({
  certificates: z
    .string()
    .optional()
    .meta({ title: "certificates in PEM form", description: "Certificates of your authorities." }),
  existingConfigMap: dnsSubdomain
    .optional()
    .meta({ description: "Existing ConfigMap of the namespace with them, in place of `certificates`." }),
  key: z.string().min(1).default("ca.crt").meta({ description: "Its key." }),
})
  .prefault({})
  .meta({
    description: "Authorities that Ralph's pods trust besides public ones, such as that of a proxy.",
  });

export const rules = [
  rule({ trustedCA }, ({ trustedCA: { certificates, existingConfigMap } }) => [
    ...findIf(certificates !== undefined && existingConfigMap !== undefined, () =>
      forbidden(["trustedCA", "certificates"], `existingConfigMap "${existingConfigMap}" contains them`),
    ),
    ...checkCertificates(["trustedCA", "certificates"], certificates),
  ]),
];
