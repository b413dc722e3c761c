import { execFileSync } from "node:child_process";

/** https://github.com/pulumi/pulumi-eks/blob/v4.3.0/nodejs/eks/dependencies.ts */
const MINIMUM: Readonly<Record<number, readonly [number, number, number]>> = { 1: [1, 24, 0] };
const MINIMUM_OF_OTHERS = [2, 7, 0] as const;
const INSTALL = "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html";

/** Refuses a machine without a current AWS CLI; in previews too. */
export function requireAwsCli(): void {
  let text: string;
  try {
    text = execFileSync("aws", ["--version"], { stdio: ["ignore", "pipe", "ignore"], encoding: "utf8" });
  } catch {
    throw new Error(`Could not find aws CLI for EKS. See ${INSTALL} for installation instructions.`);
  }
  const version = /^aws-cli\/(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number);
  if (version === undefined) throw new Error(`Invalid Version: ${text.trim()}`);
  const minimum = MINIMUM[version[0] ?? 0] ?? MINIMUM_OF_OTHERS;
  if (isBelow(version, minimum))
    throw new Error(
      `At least v${minimum.join(".")} of aws-cli is required. Current version is: ${version.join(".")}. See ${INSTALL} for installation instructions.`,
    );
}

function isBelow(version: readonly number[], minimum: readonly number[]): boolean {
  const at = minimum.findIndex((part, i) => part !== version[i]);
  return at >= 0 && (version[at] ?? 0) < (minimum[at] ?? 0);
}
