/**
 * Proves that everything that calls `./ralphctl` (the documents, CI on GitHub and on GitLab, the Makefile, and the
 * messages of the program) calls verbs and options that exist; and that the run book names keys that the program has.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";

import { createProgram } from "../../cli/program";
import { REPOSITORY } from "../../lib/repository";

const { program } = createProgram();

const below = (folder: string, ends: RegExp): string[] =>
  readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => ends.test(file))
    .map((file) => join(folder, file));

/** What runs a call as it is written. */
const SCRIPTS = ["Makefile", ...below(".github", /\.ya?ml$/), ...below("docs", /\.ya?ml$/)];
const DOCUMENTS = [
  ...readdirSync(REPOSITORY).filter((file) => file.endsWith(".md")),
  ...below("docs", /\.md$/),
];
const SOURCES = ["cli", "local", "operations", "stack", "stub-clouds", "workload", "clusters"].flatMap(
  (room) => below(room, /\.ts$/),
);

/** Every call of a text, as words. */
const calls = (text: string): string[][] =>
  [...text.matchAll(/\.\/ralphctl ([^\n#`&|;]+)/g)].map(([, line = ""]) => line.trim().split(/\s+/));

/** What is wrong with a call, if anything. A verb alone is a mention, which needs no option. */
function wrong(words: readonly string[], mention = false): string | undefined {
  let within: Command = program;
  for (const word of words.filter((each) => /^(--)?[a-z-]+$/.test(each))) {
    if (word === "--") break;
    if (!word.startsWith("--")) {
      const next = within.commands.find((each) => each.name() === word);
      if (next === undefined && within.commands.length > 0) return `${word} is not a command`;
      within = next ?? within; // or the value of an option
    } else if (word !== "--help" && !within.options.some(({ long }) => long === word))
      return `${within.name()} has no option ${word}`;
  }
  if (mention && !words.some((word) => word.startsWith("--"))) return undefined;
  const missing = within.options.find(({ mandatory, long }) => mandatory && !words.includes(long ?? ""));
  return missing === undefined || words.includes("--help") ? undefined : `without ${missing.long}`;
}

const read = (file: string): string => readFileSync(join(REPOSITORY, file), "utf8");
const calling = (files: readonly string[]): string[] => files.filter((file) => calls(read(file)).length > 0);

describe("calls of ./ralphctl", () => {
  for (const file of calling([...SCRIPTS, ...DOCUMENTS, ...SOURCES])) {
    it(`in ${file} are of verbs and options that exist`, () => {
      for (const call of calls(read(file)))
        assert.equal(wrong(call, !SCRIPTS.includes(file)), undefined, call.join(" "));
    });
  }

  it("are checked in every script and in the documents for users", () => {
    assert.deepEqual(calling(SCRIPTS).sort(), [
      ".github/workflows/deploy.yml",
      ".github/workflows/ephemeral.yml",
      ".github/workflows/nightly.yml",
      ".github/workflows/preview.yml",
      ".github/workflows/reap.yml",
      ".github/workflows/render.yml",
      "Makefile",
      "docs/ci/gitlab-ci.yml",
    ]);
    for (const file of ["README.md", "docs/operations.md", "docs/ephemeral.md", "docs/clouds/gke.md"])
      assert.ok(calling(DOCUMENTS).includes(file), file);
  });

  it("are checked: a wrong name, a wrong option and a missing option are found", () => {
    assert.equal(wrong(["prune"]), "prune is not a command");
    assert.equal(wrong(["reap", "--force"]), "reap has no option --force");
    assert.equal(wrong(["ephemeral", "down", "--yes"]), "without --name");
    assert.equal(wrong(["ephemeral", "list"]), "list is not a command");
    assert.equal(wrong(["destroy"]), "without --stack");
    assert.equal(wrong(["destroy"], true), undefined);
    assert.equal(wrong(["preview", "--stack", "gke", "--", "--diff"]), undefined);
  });
});

describe("targets of make", () => {
  it("that the documents name exist", () => {
    const targets = new Set([...read("Makefile").matchAll(/^([a-z-]+):/gm)].map(([, target]) => target));
    const named = DOCUMENTS.flatMap((file) =>
      [...read(file).matchAll(/(?:`|^|&& )make ([a-z-]+)/gm)].map(([, target = ""]) => `${file}: ${target}`),
    );
    assert.ok(named.length > 10, `${named.length}`);
    assert.deepEqual(
      named.filter((name) => !targets.has(name.split(": ")[1])),
      [],
    );
  });
});

describe("the run book", () => {
  it("names keys that exist", () => {
    const known = new Set([...read("docs/config.md").matchAll(/^\| `([^`]+)`/gm)].map(([, key]) => key));
    const named = [...read("docs/operations.md").matchAll(/ralph:([\w.-]+(?:\[\d\][\w.]*)?)/g)].map(
      ([, key = ""]) => key.replace(/\[\d\]/, "[]").replace(/\.$/, ""),
    );
    assert.ok(named.length > 30, `${named.length}`);
    // `cloud` heads its own table; `cluster.` stands for any key of it.
    assert.deepEqual(
      named.filter((key) => !known.has(key) && !["cloud", "cluster"].includes(key)),
      [],
    );
  });
});
