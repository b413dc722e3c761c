/**
 * Proves that CI, on GitHub and on GitLab, and the run book call the lifecycle's commands by the names and options
 * that they have; and that the run book names keys that the program has.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";

import type { CommandModule } from "../../cli/lifecycle";
import { REPOSITORY } from "../../lib/repository";
import { workflows } from "../support/workflows";

const COMMANDS = join(REPOSITORY, "cli/commands");

/** Every call of a text, as words. */
const calls = (text: string): string[][] =>
  [...text.matchAll(/lifecycle -- ([^\n#`]+)/g)].map(([, line = ""]) => line.trim().split(/\s+/));

/** What is wrong with a call, if anything. */
function wrong(words: readonly string[], commands: readonly Command[]): string | undefined {
  let within: Command | undefined;
  let known = commands;
  for (const word of words.filter((each) => /^(--)?[a-z-]+$/.test(each))) {
    if (!word.startsWith("--")) {
      const next = known.find((each) => each.name() === word);
      if (next === undefined && known.length > 0) return `${word} is no command`;
      if (next === undefined) continue; // the value of an option
      within = next;
      known = next.commands;
    } else if (!within?.options.some(({ long }) => long === word))
      return `${within?.name() ?? "lifecycle"} has no option ${word}`;
  }
  const missing = within?.options.filter(({ mandatory, long }) => mandatory && !words.includes(long ?? ""));
  return missing === undefined || missing.length === 0 ? undefined : `without ${missing[0]?.long}`;
}

describe("CI's calls of the lifecycle", () => {
  const commands = readdirSync(COMMANDS).map(
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- as cli/lifecycle.ts finds them
    (file) => (require(join(COMMANDS, file)) as CommandModule).command,
  );

  const texts = [
    ...workflows().map(({ name, text }) => ({ name, text })),
    ...["ci/gitlab-ci.yml", "operations.md"].map((name) => ({
      name,
      text: readFileSync(join(REPOSITORY, "docs", name), "utf8"),
    })),
  ].filter(({ text }) => calls(text).length > 0);

  for (const { name, text } of texts) {
    it(`in ${name} are of commands and options that there are`, () => {
      for (const call of calls(text)) assert.equal(wrong(call, commands), undefined, call.join(" "));
    });
  }

  it("come with keys that there are, in the run book", () => {
    const [book, reference] = ["operations.md", "config.md"].map((name) =>
      readFileSync(join(REPOSITORY, "docs", name), "utf8"),
    );
    const known = new Set([...(reference ?? "").matchAll(/^\| `([^`]+)`/gm)].map(([, key]) => key));
    const named = [...(book ?? "").matchAll(/ralph:([\w.-]+(?:\[\d\][\w.]*)?)/g)].map(([, key = ""]) =>
      key.replace(/\[\d\]/, "[]").replace(/\.$/, ""),
    );
    assert.ok(named.length > 30, `${named.length}`);
    // `cloud` heads its own table; `cluster.` stands for any key of it.
    assert.deepEqual(
      named.filter((key) => !known.has(key) && !["cloud", "cluster"].includes(key)),
      [],
    );
  });

  it("are looked at: one of another name, option, or without what it needs is found", () => {
    assert.deepEqual(texts.map(({ name }) => name).sort(), [
      "ci/gitlab-ci.yml",
      "ephemeral.yml",
      "operations.md",
      "reap.yml",
    ]);
    assert.equal(wrong(["prune"], commands), "prune is no command");
    assert.equal(wrong(["reap", "--force"], commands), "reap has no option --force");
    assert.equal(wrong(["ephemeral", "down", "--yes"], commands), "without --name");
  });
});
