/**
 * Proves how stack files are read and written: what the engine's own files contain, that a written file reads back
 * unchanged even in the engine's YAML 1.1, and that every secret is found at its path, at any depth, and nothing else.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parse } from "yaml";

import {
  type ConfigPath,
  mapSecrets,
  readStackFile,
  spellPath,
  type StackFile,
  writeStackFile,
} from "../../lib/stack-file";

const SECRET = { secure: "v1:abc:def" };

describe("a stack file", () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "ralph-stack-file-"));
    file = join(dir, "Pulumi.dev.yaml");
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const WRONG: [what: string, text: string, problem: RegExp][] = [
    ["no map", "- a\n", /must be a map with the key config/],
    ["text", "config\n", /must be a map with the key config/],
    ["a list as its configuration", "config: [a]\n", /config must be a map of keys to values/],
    ["a key twice", "config:\n  ralph:cloud: gke\n  ralph:cloud: eks\n", /is not valid YAML: .*unique/],
    ["two documents", "config: {}\n---\nconfig: {}\n", /must be one YAML document/],
    [
      "aliases that would fill the memory",
      `a: &a [x]\n${Array.from({ length: 30 }, (_, i) => `b${i}: &b${i} [*${i ? `b${i - 1}` : "a"}, *${i ? `b${i - 1}` : "a"}]\n`).join("")}`,
      /is not valid YAML: .*alias/,
    ],
  ];
  for (const [what, text, problem] of WRONG) {
    it(`is refused with ${what}, in one line`, () => {
      writeFileSync(file, text);
      assert.throws(
        () => readStackFile(file),
        (error: Error) => {
          assert.equal(error.name, "ToolError");
          assert.match(error.message, problem);
          return !error.message.includes("\n");
        },
      );
    });
  }

  it("is read with its merge keys applied, as the engine reads it", () => {
    writeFileSync(file, "config:\n  ralph:a: &a {x: 1}\n  ralph:b: {<<: *a, y: 2}\n");
    assert.deepEqual(readStackFile(file).config["ralph:b"], { x: 1, y: 2 });
  });

  it("is read as configuration and encryption settings", () => {
    writeFileSync(file, "secretsprovider: gcpkms://k\nencryptedkey: QQ==\nconfig:\n  ralph:cloud: gke\n");
    assert.deepEqual(readStackFile(file), {
      encryption: { secretsprovider: "gcpkms://k", encryptedkey: "QQ==" },
      config: { "ralph:cloud": "gke" },
    });
  });

  for (const [what, text, encryption] of [
    ["is empty", "", {}],
    ["has only comments", "# nothing\n", {}],
    ["has only a salt", "encryptionsalt: v1:salt\n", { encryptionsalt: "v1:salt" }],
    ["has an empty configuration", "config:\n", {}],
  ] as const) {
    it(`that ${what} has no configuration`, () => {
      writeFileSync(file, text);
      assert.deepEqual(readStackFile(file), { encryption, config: {} });
    });
  }

  it("that does not exist is an error that names it", () =>
    assert.throws(() => readStackFile(file), /ENOENT.*Pulumi\.dev\.yaml/));

  it("is written with a comment on top, and without one", () => {
    const content: StackFile = {
      encryption: { encryptionsalt: "v1:salt" },
      config: { "ralph:cloud": "gke" },
    };
    writeStackFile(file, content, "Edit it freely.");
    const text = readFileSync(file, "utf8");
    assert.equal(text, "# Edit it freely.\nencryptionsalt: v1:salt\nconfig:\n  ralph:cloud: gke\n");
    writeStackFile(file, content);
    assert.equal(readFileSync(file, "utf8"), text.replace("# Edit it freely.\n", ""));
  });

  it("keeps every text a text for the engine, whose YAML is 1.1", () => {
    const odd = ["2026-11-25T20:00:00Z", "2026-11-25", "on", "12:30", "1_000", "~", "0x1f", ""];
    const text = fc.oneof(fc.constantFrom(...odd), fc.string());
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]+$/), text, { noNullPrototype: true }), (map) => {
        const content = { encryption: {}, config: { "ralph:map": map } };
        writeStackFile(file, content);
        assert.deepEqual(readStackFile(file), content);
        assert.deepEqual(parse(readFileSync(file, "utf8"), { version: "1.1" }), { config: content.config });
      }),
    );
  });
});

describe("the secrets of a stack file", () => {
  const config = {
    "ralph:token": SECRET,
    "ralph:apiKeys": { claude: SECRET, existingSecret: "mine" },
    "ralph:imagePullSecrets": [{ name: "a", password: SECRET }, SECRET],
    "ralph:replicas": 3,
    "ralph:nothing": null,
  };

  it("are found at their paths, in order", () => {
    const found: ConfigPath[] = [];
    mapSecrets(config, (path) => void found.push(path));
    assert.deepEqual(found, [
      ["ralph:token"],
      ["ralph:apiKeys", "claude"],
      ["ralph:imagePullSecrets", 0, "password"],
      ["ralph:imagePullSecrets", 1],
    ]);
  });

  it("are replaced where they are, and nothing else is", () => {
    const before = structuredClone(config);
    assert.deepEqual(
      mapSecrets(config, (path) => path.length),
      {
        "ralph:token": 1,
        "ralph:apiKeys": { claude: 2, existingSecret: "mine" },
        "ralph:imagePullSecrets": [{ name: "a", password: 3 }, 2],
        "ralph:replicas": 3,
        "ralph:nothing": null,
      },
    );
    assert.deepEqual(config, before, "the original is unchanged");
  });

  it("are omitted from a map, and keep their position in a list", () =>
    assert.deepEqual(
      mapSecrets(config, () => undefined),
      {
        "ralph:apiKeys": { existingSecret: "mine" },
        "ralph:imagePullSecrets": [{ name: "a" }, undefined],
        "ralph:replicas": 3,
        "ralph:nothing": null,
      },
    ));

  it("are not maps that contain more than a ciphertext", () => {
    const plain = { "ralph:map": { secure: "yes", other: "no" }, "ralph:list": ["secure"] };
    assert.deepEqual(
      mapSecrets(plain, () => assert.fail("not a secret")),
      plain,
    );
  });
});

describe("the path of a value", () => {
  for (const [path, spelled] of [
    [["ralph:image"], "ralph:image"],
    [["ralph:tasks", 0, "name"], "ralph:tasks[0].name"],
    [["ralph:prompts", "task.md"], 'ralph:prompts["task.md"]'],
    [["ralph:tags", 'a"b'], 'ralph:tags["a\\"b"]'],
  ] as const) {
    it(`is spelled ${spelled}`, () => assert.equal(spellPath(path), spelled));
  }
});
