import { mirrored } from "../../lib/image";
import type { RalphConfig } from "../keys";

/** Pods of cert-manager answer for a certificate in the namespace of the Ingress. */
const SOLVER_IMAGE = "quay.io/jetstack/cert-manager-acmesolver";

const DIGEST = "@sha256:[a-f0-9]{64}";
const TAG = "(:[^/@]+)?";

/**
 * What an image must match, as regular expressions of which one is enough.
 *
 * @param ofRalph the image of Ralph's pods, by its tag or digest
 */
export function allowedImages(config: RalphConfig, ofRalph: string): string[] {
  const { allowedRegistries, requireDigest } = config.policy;
  const digest = requireDigest ? DIGEST : `(${DIGEST})?`;
  return [
    ...new Set([
      ...[ofRalph, ...otherImages(config)].map((image) => {
        const { repository, hasDigest } = parts(image);
        return `^${escaped(repository)}${TAG}${hasDigest ? digest : `(${DIGEST})?`}$`;
      }),
      ...allowedRegistries.map((prefix) => `^${escaped(prefix)}(/[^:@]+)?${TAG}${digest}$`),
    ]),
  ];
}

/** The images besides Ralph's in pods of the namespace, as the configuration names them. */
const otherImages = ({ image, initContainers, sidecars, login, ingress }: RalphConfig): string[] => [
  ...[...initContainers, ...sidecars].map((container) => container.image),
  ...(login.enabled ? [mirrored(image.registry, login.image)] : []),
  ...((ingress.certManager.issuer ?? ingress.certManager.clusterIssuer) === undefined ? [] : [SOLVER_IMAGE]),
];

function parts(image: string): { readonly repository: string; readonly hasDigest: boolean } {
  const [named = "", digest] = image.split("@");
  return { repository: named.replace(/:[^/:]*$/, ""), hasDigest: digest !== undefined };
}

/** As a pattern; of what a reference may contain, only the dot has another meaning there. */
const escaped = (reference: string): string => reference.replaceAll(".", "[.]");
