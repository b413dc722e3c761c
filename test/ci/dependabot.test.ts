/**
 * Proves that everything that is pinned gets updates: every lock file, Go module, Dockerfile and action of the
 * repository is in a folder that .github/dependabot.yml names; and that the workflows have owners.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import { REPOSITORY } from "../../lib/repository";

interface Update {
  readonly "package-ecosystem": string;
  readonly directories: readonly string[];
  readonly schedule: { readonly interval: string };
  readonly cooldown?: { readonly "default-days": number };
  readonly groups?: Readonly<Record<string, object>>;
}

const { updates } = parse(readFileSync(join(REPOSITORY, ".github/dependabot.yml"), "utf8")) as {
  updates: readonly Update[];
};

/** The file by which each ecosystem's pins are found. */
const PINS: Readonly<Record<string, string>> = {
  "github-actions": "action.yml",
  npm: "package-lock.json",
  gomod: "go.mod",
  docker: "Dockerfile",
};

const SKIPPED = ["node_modules", ".git", ".local", "test"];

/** Folders that contain such a file, as Dependabot names them. */
function foldersWith(file: string, folder = "/"): string[] {
  const entries = readdirSync(join(REPOSITORY, folder), { withFileTypes: true });
  return [
    ...(entries.some(({ name }) => name === file) ? [folder] : []),
    ...entries
      .filter((entry) => entry.isDirectory() && !SKIPPED.includes(entry.name))
      .flatMap(({ name }) => foldersWith(file, join(folder, name))),
  ].sort();
}

const matches = (folder: string, pattern: string): boolean =>
  new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", "[^/]+")}$`).test(folder);

describe("dependabot.yml", () => {
  it("has one entry for each kind of pin", () =>
    assert.deepEqual(updates.map((update) => update["package-ecosystem"]).sort(), Object.keys(PINS).sort()));

  for (const { "package-ecosystem": ecosystem, directories, schedule, cooldown, groups } of updates) {
    it(`updates every ${PINS[ecosystem]} weekly, in groups, once a release has aged`, () => {
      const pinned = foldersWith(PINS[ecosystem] ?? "");
      assert.notDeepEqual(pinned, []);
      assert.deepEqual(
        pinned.filter((folder) => !directories.some((pattern) => matches(folder, pattern))),
        [],
      );
      assert.equal(schedule.interval, "weekly");
      assert.ok((cooldown?.["default-days"] ?? 0) >= 7);
      assert.notDeepEqual(Object.keys(groups ?? {}), []);
    });
  }

  it("updates the workflows too", () =>
    assert.ok(
      updates.some(
        (update) => update["package-ecosystem"] === "github-actions" && update.directories.includes("/"),
      ),
    ));
});

describe("CODEOWNERS", () => {
  it("names owners of the workflows", () =>
    assert.match(readFileSync(join(REPOSITORY, ".github/CODEOWNERS"), "utf8"), /^\/\.github\/ @\S+$/m));
});
