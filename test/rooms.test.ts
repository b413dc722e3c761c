import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";

import { REPOSITORY } from "../lib/repository";

/**
 * Proves the structure that docs/architecture.md describes: which room may import which, that no files import each
 * other in a circle, type imports included, and that no room outgrows a quarter of the code.
 */

/**
 * What each room may import besides itself. `index.ts` at the top of the tree is a room of one file. Each cloud is a
 * room of its own inside `clusters`, so that no cloud imports another and the shared files import none.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  boot: [],
  lib: [],
  runner: [],
  ci: ["lib"],
  config: ["lib"],
  clusters: ["config", "lib"],
  "clusters/existing": ["clusters", "config", "lib"],
  "clusters/gke": ["clusters", "config", "lib"],
  "clusters/eks": ["clusters", "config", "lib"],
  "clusters/aks": ["clusters", "config", "lib"],
  workload: ["clusters/types", "config", "runner/src/contract", "runner/src/forge", "lib"],
  stack: ["clusters", "workload", "config", "lib"],
  "index.ts": ["boot", "clusters", "stack", "workload"],
  local: ["lib"],
  "stub-clouds": ["clusters", "local", "lib"],
  operations: ["clusters", "workload", "stack", "config", "runner/src/contract", "lib"],
  bench: ["stub-clouds", "local", "lib"],
  cli: ["bench", "operations", "stub-clouds", "local", "stack", "clusters", "lib"],
};

const SOURCE = /(?<!\.d)\.(ts|js)$/;

interface Source {
  readonly file: string;
  readonly lines: number;
  /** Files of this tree that it imports, as types too. */
  readonly imports: readonly string[];
}

/** The innermost room that a file is in. */
const roomOf = (file: string): string => {
  const inside = Object.keys(ROOMS).filter((room) => `${file}/`.startsWith(`${room}/`));
  return inside.sort((a, b) => b.length - a.length)[0] ?? file.split("/")[0] ?? "";
};
const topRooms = Object.keys(ROOMS).filter((room) => !room.includes("/"));
const sources = topRooms.flatMap((room) => sourcesOf(room));

function sourcesOf(room: string): Source[] {
  const files = SOURCE.test(room)
    ? [room]
    : readdirSync(join(REPOSITORY, room), { recursive: true, encoding: "utf8" })
        .filter((file) => SOURCE.test(file) && !/(^|\/)(node_modules|dist)\//.test(file))
        .map((file) => join(room, file));
  return files.map((file) => {
    const text = readFileSync(join(REPOSITORY, file), "utf8");
    return { file, lines: text.split("\n").length - 1, imports: importsOf(file, text) };
  });
}

function importsOf(file: string, text: string): string[] {
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith("."))
    .map((name) => {
      const { resolvedModule } = ts.resolveModuleName(
        name,
        resolve(REPOSITORY, file),
        { moduleResolution: ts.ModuleResolutionKind.Node10, allowJs: true, resolveJsonModule: true },
        ts.sys,
      );
      return relative(REPOSITORY, resolvedModule?.resolvedFileName ?? join(REPOSITORY, dirname(file), name));
    });
}

/** Whether a file is what an entry of the table names: a room, without the rooms inside it, or a part of one. */
const isIn = (target: string, allowed: string): boolean =>
  allowed in ROOMS ? roomOf(target) === allowed : `${target}/`.startsWith(allowed);

/** The imports that the table does not allow, each as `file -> file`. */
const forbidden = (all: readonly Source[]): string[] =>
  all.flatMap(({ file, imports }) =>
    imports
      .filter((target) => target !== "package.json" && roomOf(target) !== roomOf(file))
      .filter((target) => !(ROOMS[roomOf(file)] ?? []).some((allowed) => isIn(target, allowed)))
      .map((target) => `${file} -> ${target}`),
  );

/** One circle of imports, as the files on it; none if there is none. */
function circle(all: readonly Source[]): string[] {
  const imports = new Map(all.map((source) => [source.file, source.imports]));
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    path.push(file);
    for (const next of imports.get(file) ?? []) {
      const found = visit(next);
      if (found.length > 0) return found;
    }
    path.pop();
    done.add(file);
    return [];
  };
  for (const { file } of all) {
    const found = visit(file);
    if (found.length > 0) return found;
  }
  return [];
}

describe("The rooms of this tree", () => {
  it("import only what stands below them", () => assert.deepEqual(forbidden(sources), []));

  it("have no circle of imports", () => assert.deepEqual(circle(sources), []));

  it("stay below a quarter of the code each", () => {
    const total = sources.reduce((sum, { lines }) => sum + lines, 0);
    for (const room of Object.keys(ROOMS)) {
      const own = sources
        .filter(({ file }) => roomOf(file) === room)
        .reduce((sum, { lines }) => sum + lines, 0);
      assert.ok(own < total / 4, `${room}/ holds ${own} of ${total} lines`);
    }
  });

  it("are all in the table", () => {
    const notRooms = ["docs", "prompts", "test", "node_modules", "k8s", "eslint.config.mjs"];
    const found = readdirSync(REPOSITORY, { withFileTypes: true })
      .filter(
        (entry) => !entry.name.startsWith(".") && (entry.isDirectory() || /\.[cm]?[jt]s$/.test(entry.name)),
      )
      .map(({ name }) => name);
    assert.deepEqual(
      found.filter((name) => !notRooms.includes(name) && !(name in ROOMS)),
      [],
    );
  });

  it("are guarded: an import that climbs, and a circle, are found", () => {
    const climbs = { file: "lib/shell.ts", lines: 1, imports: ["clusters/types.ts"] };
    assert.deepEqual(forbidden([...sources, climbs]).at(-1), "lib/shell.ts -> clusters/types.ts");
    const sideways = { file: "workload/scope.ts", lines: 1, imports: ["clusters/gke/index.ts"] };
    assert.deepEqual(forbidden([sideways]), ["workload/scope.ts -> clusters/gke/index.ts"]);
    const another = { file: "clusters/eks/nodes.ts", lines: 1, imports: ["clusters/gke/nodes.ts"] };
    assert.deepEqual(forbidden([another]), ["clusters/eks/nodes.ts -> clusters/gke/nodes.ts"]);
    const round = [
      { file: "lib/a.ts", lines: 1, imports: ["lib/b.ts"] },
      { file: "lib/b.ts", lines: 1, imports: ["lib/a.ts"] },
    ];
    assert.deepEqual(circle(round), ["lib/a.ts", "lib/b.ts", "lib/a.ts"]);
  });
});
