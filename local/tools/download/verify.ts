import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";

import { Refused } from "./fetch";
import type { Checksum } from "./sources";

/** A file whose digest is not the expected one. */
export class WrongChecksum extends Error {
  override readonly name = "WrongChecksum";
  constructor(file: string, expected: string, actual: string) {
    super(`wrong checksum of ${file}, which was deleted: expected SHA-256 ${expected}, got ${actual}`);
  }
}

const SHA256 = /^[0-9a-f]{64}$/;

/**
 * The digest that a file must have, in lower case.
 *
 * @param name of the file in its release
 * @param read downloads the publisher's checksum file
 * @throws Refused if the checksum file has no digest for it
 */
export async function expectedDigest(
  checksum: Checksum,
  name: string,
  read: (url: string) => Promise<string>,
): Promise<string> {
  if ("pinned" in checksum) return checksum.pinned;
  const url = "list" in checksum ? checksum.list : checksum.digest;
  const text = await read(url);
  const digest = ("list" in checksum ? listed(text, name) : text.trim())?.toLowerCase();
  if (digest === undefined || !SHA256.test(digest)) throw new Refused(`${url} has no SHA-256 of ${name}`);
  return digest;
}

/** In sha256sum's format, where an asterisk marks a file read in binary mode. */
function listed(text: string, name: string): string | undefined {
  const lines = text.split("\n").map((line) => line.trim().split(/\s+/));
  return lines.find((words) => words[1]?.replace(/^\*/, "") === name)?.[0];
}

export async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
