/**
 * Proves that link targets in the documents exist: files, and the names that links to source files show; and that the
 * document on clouds lists all parts of a cloud.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cloud, type CloudName } from "../clusters";
import { operationsOf } from "../clusters/operations";

const DOCUMENTS = [...readdirSync("."), ...below("docs")].filter((file) => file.endsWith(".md"));

describe("the documents", () => {
  for (const document of DOCUMENTS) {
    it(`${document} has no broken links`, () => {
      assert.deepEqual(broken(readFileSync(document, "utf8"), dirname(document)), []);
    });
  }

  it("are reported if they link to a missing file or to a name that its file does not declare", () => {
    const text = [
      "[a](../clusters/index.ts), [web](https://example.com/x.md), [here](#section), [all](../clusters#x)",
      "[missing](missing.md), [`CLOUDS`](../clusters/index.ts), [`Clouds`](../clusters/index.ts)",
    ].join("\n");
    assert.deepEqual(broken(text, "docs"), ["missing.md", "Clouds in ../clusters/index.ts"]);
  });
});

describe("keys in the documents", () => {
  const keys = [...readFileSync("docs/config.md", "utf8").matchAll(/^\| `([^`]+)`/gm)].map(([, key = ""]) =>
    key.replaceAll("[]", ""),
  );
  /** A documented key, or a map that has one. */
  const exists = (path: string): boolean => keys.some((key) => key === path || key.startsWith(`${path}.`));

  for (const document of ["docs/monitoring.md", "docs/production.md"])
    it(`${document} names only keys that exist`, () => {
      const named = [...readFileSync(document, "utf8").matchAll(/\bralph:([a-zA-Z]+(?:\.[a-zA-Z]+)*)/g)];
      assert.ok(named.length > 5);
      assert.deepEqual(
        named.map(([, key = ""]) => key).filter((key) => !exists(key)),
        [],
      );
    });

  it("are reported if they do not exist", () => assert.equal(exists("cluster.kmsKeys"), false));
});

describe("docs/add-a-cloud.md", () => {
  const partsIn = (section: string): Set<string | undefined> => {
    const [, table = ""] = readFileSync("docs/add-a-cloud.md", "utf8").split(`## ${section}\n`);
    return new Set([...(table.split("\n## ")[0] ?? "").matchAll(/^\| `(\w+)`/gm)].map(([, part]) => part));
  };

  it("lists the parts of a cloud that the existing ones have", () =>
    assert.deepEqual(
      partsIn("The cloud"),
      new Set(["existing", "gke"].flatMap((name) => Object.keys(cloud(name as CloudName)))),
    ));

  it("lists the parts of a cloud's operations that the existing ones have", () =>
    assert.deepEqual(partsIn("Its operations"), new Set(Object.keys(operationsOf("gke")))));
});

/** Broken links of a document in this folder. */
function broken(text: string, folder: string): string[] {
  return [...text.matchAll(/\[([^\]]*)\]\(([^)\s]+)\)/g)].flatMap(([, label = "", target = ""]) => {
    const [file = ""] = target.split("#");
    if (file === "" || /^[a-z]+:/.test(file)) return [];
    const path = join(folder, file);
    if (!existsSync(path)) return [target];
    const [, name] = /^`([A-Za-z]\w*)`$/.exec(label) ?? [];
    return name === undefined || !file.endsWith(".ts") || declares(readFileSync(path, "utf8"), name)
      ? []
      : [`${name} in ${target}`];
  });
}

const declares = (source: string, name: string): boolean =>
  new RegExp(`\\b(const|function|interface|type|class) ${name}\\b`).test(source);

function below(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => join(folder, file));
}
