/** Storage classes that a cloud's cluster comes with, for a local control plane whose simulated driver serves them. */
export const CLOUD_CLASSES = Object.entries({
  "standard-rwo": "pd.csi.storage.gke.io",
  "managed-csi": "disk.csi.azure.com",
}).map(([name, provisioner]) => ({
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name },
  provisioner,
  volumeBindingMode: "WaitForFirstConsumer",
}));
