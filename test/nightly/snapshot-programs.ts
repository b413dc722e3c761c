import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { run } from "../../lib/process";
import { inspectGo } from "../../local/tools/build";
import { BUILD_FLAGS, buildKey, cacheFolder } from "../../local/tools/cache";
import { GO } from "../../local/tools/pins";
import { findUsable } from "../../local/tools/versions";

export interface SnapshotPrograms {
  readonly driver: string;
  readonly provisioner: string;
  readonly snapshotter: string;
  readonly controller: string;
  /** Files of the custom kinds. */
  readonly crds: readonly string[];
}

/** Its subfolder `snapshots` is the module that pins them. */
const MODULES = __dirname;
const PACKAGES = [
  ".",
  "github.com/kubernetes-csi/external-provisioner/v6/cmd/csi-provisioner",
  "github.com/kubernetes-csi/external-snapshotter/v8/cmd/csi-snapshotter",
  "github.com/kubernetes-csi/external-snapshotter/v8/cmd/snapshot-controller",
];
const KINDS = ["volumesnapshotclasses", "volumesnapshotcontents", "volumesnapshots"];
/** Some minutes on two idle cores; the machine may be busy. */
const BUILD_TIMEOUT = 45 * 60_000;

/**
 * The real controllers and the driver, built by Go as the other tools are: once, into the same cache folder.
 *
 * @returns the reason if they are not available
 */
export async function findSnapshotPrograms(): Promise<SnapshotPrograms | string> {
  const go = await findUsable("go", GO);
  if (go === undefined) return "there is no Go to build the snapshot controllers";
  const steps = [
    { module: "snapshots", package: PACKAGES.join(" "), output: "snapshots", version: "8.7.0", seconds: 300 },
  ];
  const folder = join(cacheFolder(), `snapshots-${buildKey({ steps }, await inspectGo(go), MODULES)}`);
  const options = {
    cwd: join(MODULES, "snapshots"),
    env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off", GOGC: "400" },
    timeout: BUILD_TIMEOUT,
  };
  if (!existsSync(folder)) {
    console.log("      building the snapshot controllers, once: some minutes");
    const partial = `${folder}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    const { code, stderr } = await run(
      go,
      ["build", ...BUILD_FLAGS, "-ldflags=-s -w", "-o", `${partial}/`, ...PACKAGES],
      options,
    );
    if (code !== 0) return `the snapshot controllers cannot be built:\n${stderr}`;
    renameSync(partial, folder);
  }
  const client = ["list", "-m", "-f", "{{.Dir}}", "github.com/kubernetes-csi/external-snapshotter/client/v8"];
  const { code, stdout, stderr } = await run(go, client, options);
  if (code !== 0) return `the kinds of snapshots cannot be read:\n${stderr}`;
  return {
    driver: join(folder, "snapshots"),
    provisioner: join(folder, "csi-provisioner"),
    snapshotter: join(folder, "csi-snapshotter"),
    controller: join(folder, "snapshot-controller"),
    crds: KINDS.map((kind) => join(stdout.trim(), "config", "crd", `snapshot.storage.k8s.io_${kind}.yaml`)),
  };
}
