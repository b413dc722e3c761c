/**
 * An image as a mirror has it: under the same path, without the host of its origin.
 *
 * @param mirror a registry's host, optionally with a path; undefined for the origin
 * @param image `registry.k8s.io/autoscaling/cluster-autoscaler:v1.35.1`
 */
export function mirrored(mirror: string | undefined, image: string): string {
  if (mirror === undefined) return image;
  const [first = "", ...rest] = image.split("/");
  // As Docker tells a host from a folder: https://github.com/distribution/reference (splitDockerDomain).
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  return [mirror, ...(hasHost ? rest : [first, ...rest])].join("/");
}
