import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Gives the engine a folder for temporary files, of this user alone, and removes it with all that is left in it: the
 * Kubernetes provider writes the kubeconfig there each time it starts, for Helm, and leaves it.
 */
export async function withTemporaryFolder<T>(
  work: (env: { readonly TMPDIR: string }) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "ralph-pulumi-"));
  try {
    return await work({ TMPDIR: folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
