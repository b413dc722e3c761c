import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { fixture } from "./fixture";
import { kubectl } from "./kubectl";

/** Storage classes that come with a cloud's cluster, and their drivers; here the simulated one answers for them. */
const CLASSES: Readonly<Record<string, string>> = {
  "standard-rwo": "pd.csi.storage.gke.io",
  "managed-csi": "disk.csi.azure.com",
};

export async function bringCloudClasses(): Promise<void> {
  const file = join(fixture().dir, "classes.json");
  const items = Object.entries(CLASSES).map(([name, provisioner]) => ({
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name },
    provisioner,
    volumeBindingMode: "WaitForFirstConsumer",
  }));
  writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  await kubectl("apply", "-f", file);
  rmSync(file);
}

export async function takeCloudClassesAway(): Promise<void> {
  await kubectl("delete", "storageclass", ...Object.keys(CLASSES), "--ignore-not-found");
}
