import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname } from "node:path";

import { withLock } from "../../../lib/lock";
import type { Progress } from "../../../lib/progress";
import { downloadFolder } from "./downloaded";
import { fetchFile, fetchText, type Limits, LIMITS } from "./fetch";
import { mirrored } from "./mirror";
import { type Platform, type ReleaseFile, type SourceName, SOURCES } from "./sources";
import { unpack } from "./unpack";
import { digestOf, expectedDigest, WrongChecksum } from "./verify";

/** The digest that a release file must have. Read before anything large is downloaded. */
export const digestFor = ({ url, checksum }: ReleaseFile, limits: Limits = LIMITS): Promise<string> =>
  expectedDigest(checksum, basename(url), (list) => fetchText(mirrored(list), limits));

/**
 * Downloads one release file, verifies its digest, and unpacks its programs into their folder. Safe to repeat, to run
 * twice at a time and to interrupt: a partial file is kept and resumed, a file with the wrong digest is deleted.
 *
 * @throws what `fetchFile` throws, and WrongChecksum
 */
export async function download(
  name: SourceName,
  platform: Platform,
  file: ReleaseFile,
  digest: string,
  progress: Progress,
  limits: Limits = LIMITS,
): Promise<void> {
  const folder = downloadFolder(name, platform);
  const label = `${name} ${SOURCES[name].version}`;
  await progress.step(label, (detail) =>
    withLock(
      `${folder}.lock`,
      ({ pid }) => progress.say(`\n${label} is being downloaded by process ${pid}; waiting for it`),
      async () => {
        if (existsSync(folder)) return;
        const partial = `${folder}.partial`;
        mkdirSync(dirname(folder), { recursive: true });
        await fetchFile(
          mirrored(file.url),
          partial,
          (received, total) => detail(bytes(received, total)),
          limits,
        );
        const actual = await digestOf(partial);
        if (actual !== digest) {
          rmSync(partial);
          throw new WrongChecksum(mirrored(file.url), digest, actual);
        }
        const unpacked = `${folder}.unpacked`;
        rmSync(unpacked, { recursive: true, force: true }); // left by a run that was killed
        try {
          await unpack(partial, basename(file.url), file.programs, unpacked);
          renameSync(unpacked, folder);
        } finally {
          rmSync(unpacked, { recursive: true, force: true });
          rmSync(partial, { force: true });
        }
      },
    ),
  );
}

const MEGABYTE = 1_000_000;

/** Such as `12.3 of 88.1 MB`; only the first number if the server reports no length. */
export function bytes(received: number, total: number | undefined): string {
  const done = (received / MEGABYTE).toFixed(1);
  return total === undefined ? `${done} MB` : `${done} of ${(total / MEGABYTE).toFixed(1)} MB`;
}
