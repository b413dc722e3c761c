import { X509Certificate } from "node:crypto";
import { type Finding, findIf } from "./findings";
import type { Path } from "./path";

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

/** The finding has no value, which may be a private key. */
export const checkCertificates = (at: Path, text: string | undefined): readonly Finding[] =>
  findIf(text !== undefined && !isBundle(text), () => ({ at, rule: RULE }));
