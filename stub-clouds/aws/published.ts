import type { Context } from "../types";

/** What AWS has published: the newest version of every add-on, and the newest release of every node image. */

type Find = Context["find"];

export const SSM_PARAMETER = "aws:ssm/parameter:Parameter";
/** A parameter of the stub's own, with the number of the newest build; a test raises it. */
export const BUILD = "/stub/newest-build";

const build = (find: Find): number => Number(find(SSM_PARAMETER, BUILD)?.outputs.value ?? 1);

export const newestAddon = (kubernetes: string, find: Find): string =>
  `v${kubernetes}.0-eksbuild.${build(find)}`;

export const newestImage = (kubernetes: string, find: Find): string =>
  `${kubernetes}.0-2026110${build(find)}`;

/** The value of `/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/x86_64/standard/recommended/release_version`. */
export function publicParameter(parameter: string, find: Find): string {
  const [, kubernetes = ""] =
    /^\/aws\/service\/eks\/optimized-ami\/(1\.\d+)\/amazon-linux-2023\/(?:x86_64|arm64)\/(?:standard|nvidia|neuron)\/recommended\/release_version$/.exec(
      parameter,
    ) ?? [];
  if (kubernetes === "") throw new Error(`ParameterNotFound: couldn't find SSM Parameter (${parameter})`);
  return newestImage(kubernetes, find);
}

/** Whether a version, or a release of an image, is for a minor version of Kubernetes. */
export const isFor = (kubernetes: string, version: string): boolean =>
  version.replace(/^v/, "").startsWith(`${kubernetes}.`);
