/** Proves which files of the folder `prompts` become prompts, and that no prompt is sent that a server would reject. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { readConfig } from "../../stack";
import { promptFiles } from "../../stack/prompt-files";
import { BASE, runStack } from "../support/stack";

describe("the folder of prompts", () => {
  const home = process.cwd();
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "ralph-prompts-"));
    process.chdir(folder);
  });
  afterEach(() => {
    process.chdir(home);
    fs.rmSync(folder, { recursive: true });
  });
  const write = (files: Readonly<Record<string, string>>): void => {
    fs.mkdirSync("prompts");
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join("prompts", name), text);
  };

  it("may be missing", () => assert.deepEqual(promptFiles(), { prompts: {}, problems: [] }));

  it("has a prompt in each Markdown file, and none in folders, broken links and other files", () => {
    write({ "b.md": "B", "a-1_x.y.md": "A", ".hidden.md": "H", "notes.txt": "N", "no extension": "N" });
    fs.mkdirSync(path.join("prompts", "folder.md"));
    fs.symlinkSync("nowhere", path.join("prompts", "broken.md"));
    assert.deepEqual(promptFiles(), {
      prompts: { ".hidden.md": "H", "a-1_x.y.md": "A", "b.md": "B" },
      problems: [],
    });
  });

  it("takes no file through a link, and none in another encoding", () => {
    write({ "good.md": "\ufeffÜ" });
    fs.writeFileSync("secret", "canary");
    fs.symlinkSync(path.join("..", "secret"), path.join("prompts", "link.md"));
    fs.writeFileSync(path.join("prompts", "latin.md"), Buffer.from("Pr\u00fcfe das", "latin1"));
    const { prompts, problems } = promptFiles();
    assert.equal(prompts["good.md"], "\ufeffÜ");
    assert.deepEqual(
      problems.map(({ key, rule, fix }) => [key, rule, fix]),
      [
        ["prompts/latin.md", "must be UTF-8", "iconv -f <encoding> -t UTF-8 -o <file> 'prompts/latin.md'"],
        ["prompts/link.md", "must not be a link", "rm 'prompts/link.md'"],
      ],
    );
  });

  it("must not contain a file that a ConfigMap rejects, and all problems are reported before anything is created", async () => {
    write({ "my task.md": "T", "it's.md": "T", "..md": "T", "empty.md": "", "good.md": "G" });
    assert.deepEqual(
      promptFiles().problems.map(({ key, fix }) => [key, fix]),
      [
        ["prompts/..md", "mv 'prompts/..md' prompts/<name>.md"],
        ["prompts/empty.md", "rm 'prompts/empty.md'"],
        ["prompts/it's.md", "mv 'prompts/it'\\''s.md' prompts/<name>.md"],
        ["prompts/my task.md", "mv 'prompts/my task.md' prompts/<name>.md"],
      ],
    );
    await assert.rejects(
      runStack({ config: BASE, program: () => ({ ...readConfig() }) }),
      /problems in[^]*prompts\/empty\.md +is empty/,
    );
  });
});
