import { chmodSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { extract } from "tar";

/**
 * Extracts programs from a release file into a folder, each under its own name, executable.
 *
 * @param name of the release file; its extension tells whether it is an archive
 * @param programs path in the archive of each program
 */
export async function unpack(
  file: string,
  name: string,
  programs: Readonly<Record<string, string>>,
  folder: string,
): Promise<void> {
  const unpacked = join(folder, ".archive");
  mkdirSync(unpacked, { recursive: true });
  const wanted = new Set(Object.values(programs));
  if (name.endsWith(".tar.gz")) {
    await extract({ file, cwd: unpacked, filter: (path) => wanted.has(path.replace(/^\.\//, "")) });
  } else if (name.endsWith(".zip")) {
    for (const [path, bytes] of Object.entries(
      unzipSync(readFileSync(file), { filter: (entry) => wanted.has(entry.name) }),
    )) {
      mkdirSync(dirname(join(unpacked, path)), { recursive: true });
      writeFileSync(join(unpacked, path), bytes);
    }
  } else {
    for (const path of wanted) renameSync(file, join(unpacked, path));
  }
  for (const [program, path] of Object.entries(programs)) {
    if (lstatSync(join(unpacked, path), { throwIfNoEntry: false })?.isFile() !== true) {
      throw new Error(`${name} does not contain ${path}`);
    }
    renameSync(join(unpacked, path), join(folder, program));
    chmodSync(join(folder, program), 0o755);
  }
  rmSync(unpacked, { recursive: true });
}
