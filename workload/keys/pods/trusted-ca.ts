import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { findIf, forbidden } from "../../../config/findings";
import { dnsSubdomain } from "../../../config/formats";
import { rule, section } from "../section";

const RULE =
  "must be certificates in PEM form, each from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----";
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g;

/** Whether a text holds certificates and nothing else, such as a private key. */
function isBundle(text: string): boolean {
  const blocks = text.match(BLOCK) ?? [];
  if (blocks.length === 0 || /-----/.test(text.replaceAll(BLOCK, ""))) return false;
  try {
    return blocks.every(
      (block) => block.startsWith("-----BEGIN CERTIFICATE-----") && new X509Certificate(block),
    );
  } catch {
    return false;
  }
}

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
    // Without the value, which may be a private key.
    ...findIf(certificates !== undefined && !isBundle(certificates), () => ({
      at: ["trustedCA", "certificates"],
      rule: RULE,
    })),
  ]),
];
