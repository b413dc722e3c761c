import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { stringify } from "yaml";

import type { ControlPlane } from "../local/control-plane";
import { REPOSITORY } from "../lib/repository";
import { CLOUD_CLASSES } from "../stub-clouds/storage-classes";
import { previewable } from "../stub-clouds/preview/stack";
import { run } from "../lib/process";
import { installStubClouds } from "../stub-clouds/install";
import type { Toolchain } from "../local/tools/toolchain";
import { type Figure, figure } from "./figures";
import { Project } from "./project";

const STACKS = ["gke", "eks", "aks"];
const UP = ["up", "--yes", "--skip-preview"];

/**
 * Preview and up without changes of each cloud's stack, with stub plugins and a real API server, compared with the
 * first preview of a small program that imports every SDK as a whole, with the same stubs.
 */
export async function cloudFigures(
  folder: string,
  toolchain: Toolchain,
  plane: ControlPlane,
): Promise<Figure[]> {
  const usual = await usualPreview(join(folder, "usual"), toolchain);
  const kubectl = ["--kubeconfig", plane.kubeconfig, "apply", "-f", "-"];
  await run(toolchain.paths.kubectl, kubectl, {
    input: JSON.stringify({ apiVersion: "v1", kind: "List", items: CLOUD_CLASSES }),
  });
  const figures: Figure[] = [];
  for (const stack of STACKS) {
    const dir = join(folder, stack);
    const { config, plugins } = previewable(join(REPOSITORY, `Pulumi.${stack}.yaml`));
    const clouds = installStubClouds(join(dir, "pulumi-home"), { dir: join(dir, "world"), plugins, plane });
    const { PATH, SSL_CERT_FILE } = clouds.environment("");
    const cluster = { ...(config["ralph:cluster"] as object), deletionProtection: false };
    const project = await Project.create(
      dir,
      toolchain,
      // The chart would be downloaded from the internet.
      { ...config, "ralph:cluster": cluster, "ralph:monitoring": { install: "none" } },
      { env: { PATH: PATH.split(delimiter)[0], ...(SSL_CERT_FILE !== undefined && { SSL_CERT_FILE }) } },
    );
    const preview = await project.pulumi("preview");
    await project.pulumi(...UP);
    const again = await project.pulumi(...UP, "--expect-no-changes");
    await project.pulumi("destroy", "--yes", "--skip-preview");
    figures.push(
      figure(`preview, stack ${stack} (three SDKs, checked)`, "s", preview, usual),
      figure(`up without changes, stack ${stack} (that preview)`, "s", again, usual),
    );
  }
  return figures;
}

async function usualPreview(dir: string, toolchain: Toolchain): Promise<number> {
  installStubClouds(join(dir, "pulumi-home"), { dir: join(dir, "world"), plugins: ["gcp"] });
  const program = join(dir, "program");
  mkdirSync(program, { recursive: true });
  const main = join(__dirname, "usual", "clouds.ts");
  writeFileSync(join(program, "Pulumi.yaml"), stringify({ name: "ralph", runtime: "nodejs", main }));
  const project = await Project.create(
    dir,
    toolchain,
    { "gcp:project": "bench-project", "ralph:cloud": "gke" },
    // Neither our compiler settings nor our heap size, which is too small for three SDKs.
    { env: { PULUMI_NODEJS_TSCONFIG_PATH: join(__dirname, "usual", "tsconfig.json") }, program },
  );
  return project.pulumi("preview");
}
