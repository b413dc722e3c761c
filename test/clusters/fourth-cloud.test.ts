/**
 * Proves that a cloud is one folder and one word: a fourth one, complete, is accepted by every operation; and each
 * part that it may lack is refused, by the compiler, or by the contract that contract.test.ts holds every cloud to.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";

import type { CloudOperations, Operations } from "../../clusters/operations";
import { PROJECT, REPOSITORY } from "../../lib/repository";
import { runStack } from "../support/stack";
import { cloud } from "./fourth-cloud/harbour";
import { operations } from "./fourth-cloud/harbour/operations";
import { operationsProblems } from "./operations-contract";

const NAME = "harbour";
const SHIP = "harbour:fleet:Ship";
const FIXTURE = join(__dirname, "fourth-cloud", NAME);

/** A file of the fixture, as it is in a folder of clusters/. */
const source = (file: string): string =>
  readFileSync(join(FIXTURE, file), "utf8")
    .replaceAll("../../../../clusters/", "../")
    .replaceAll("../../../../lib/", "../../lib/");

describe("a fourth cloud that is complete", () => {
  /** Rooms of the tree that the operations are made of. */
  const ROOMS = ["boot", "clusters", "config", "lib", "operations", "stack", "stub-clouds", "workload"];
  const EXERCISE = join("test", "clusters", "fourth-cloud", "exercise.ts");
  let tree: string;

  before(() => {
    tree = mkdtempSync(join(tmpdir(), "ralph-fourth-cloud-"));
    for (const part of [...ROOMS, join("runner", "src"), EXERCISE, "package.json"])
      cpSync(join(REPOSITORY, part), join(tree, part), {
        recursive: true,
        filter: (file) => !file.includes("node_modules", REPOSITORY.length),
      });
    symlinkSync(join(REPOSITORY, "node_modules"), join(tree, "node_modules"));
    // Its folder, and its word.
    cpSync(FIXTURE, join(tree, "clusters", NAME), { recursive: true });
    for (const file of ["index.ts", "operations.ts"])
      writeFileSync(join(tree, "clusters", NAME, file), source(file));
    const index = join(tree, "clusters", "index.ts");
    writeFileSync(
      index,
      readFileSync(index, "utf8").replace(/(export const CLOUDS = \[[^\]]*)\]/, `$1, "${NAME}"]`),
    );
    writeFileSync(join(tree, "harbourctl"), VENDOR_PROGRAM, { mode: 0o755 });
  });
  after(() => rmSync(tree, { recursive: true }));

  const node = async (...args: string[]): Promise<string> => {
    const env = { ...process.env, PATH: `${tree}:${process.env.PATH}` };
    const options = { cwd: tree, env, maxBuffer: 2 ** 24 };
    return (await promisify(execFile)(process.execPath, ["-r", "./boot/loader.js", ...args], options)).stdout;
  };

  /** Answers with the words that it was asked with, in the place of a name. */
  const VENDOR_PROGRAM = `#!/bin/sh
case "$1" in
  fleets) echo '[]' ;;
  ships) echo "[{\\"name\\": \\"$*\\", \\"tags\\": {\\"project\\": \\"${PROJECT}\\", \\"stack\\": \\"$6\\"}}]" ;;
  flags) cat <<END
[
  {"name": "ralph-old", "berth": "west", "tags": {"project": "$2", "stack": "OLD", "expires": "2026-11-25t11-00-00z"}},
  {"name": "ralph-alive", "berth": "west", "tags": {"project": "$2", "stack": "ALIVE", "expires": "2026-11-25t11-00-00z"}}
]
END
esac
`;

  it("is accepted by every operation", async () => {
    const { clouds, ...answers } = JSON.parse(await node(EXERCISE, tree)) as { clouds: string[] };
    assert.equal(clouds.at(-1), NAME);
    const ship = (where: string, stack: string) => `ships --berth ${where} ${stack}`;
    assert.deepEqual(answers, {
      place: {
        cloud: NAME,
        stack: "pr-1",
        cluster: "fleet",
        namespace: "ralph-orchestrator",
        where: { berth: "south" },
        provider: { port: "Porto" },
      },
      leaks: {
        leftovers: [
          {
            what: "ship",
            id: ship("south --port Porto", "PR-1"),
            remove: [`harbourctl scuttle ${ship("south --port Porto", "PR-1")}`],
          },
        ],
        others: [],
        unseen: [],
        looked: ["ships"],
      },
      leaksWhileUp: [],
      exists: false,
      orphans: {
        orphans: [
          {
            stack: "OLD",
            expires: "2026-11-25T11:00:00Z",
            outcome: "orphan",
            reason: `is not in this backend, and has left behind on ${NAME}: ship ${ship("west --port any", "OLD")}`,
            remove: [`harbourctl scuttle ${ship("west --port any", "OLD")}`],
          },
        ],
        unseen: [],
      },
      owns: true,
      id: "south/fleet",
      failure: "the tide is out",
      preview: { plugins: [NAME], filled: ["harbour:port"] },
    });
  });

  it("cannot be used without its operations", async () => {
    rmSync(join(tree, "clusters", NAME, "operations.ts"));
    const load = `require("./clusters/operations").operationsOf("${NAME}")`;
    await assert.rejects(node("-e", load), /Cannot find module '\.\/harbour\/operations'/);
  });
});

/** An object literal's properties, and those of the object literals in it, as ranges of the text. */
function properties(text: string, name: string): { path: string; from: number; to: number }[] {
  const file = ts.createSourceFile("x.ts", text, ts.ScriptTarget.ES2022, true);
  const inside = (node: ts.Expression, path: string): { path: string; from: number; to: number }[] => {
    if (ts.isSatisfiesExpression(node)) return inside(node.expression, path);
    if (ts.isArrayLiteralExpression(node))
      return node.elements.flatMap((each, i) => inside(each, `${path}[${i}]`));
    if (!ts.isObjectLiteralExpression(node)) return [];
    return node.properties.flatMap((property) => {
      const at = `${path}.${property.name?.getText() ?? ""}`;
      const comma = text[property.end] === "," ? 1 : 0;
      return [
        { path: at, from: property.pos, to: property.end + comma },
        ...(ts.isPropertyAssignment(property) && !FREE.test(at) ? inside(property.initializer, at) : []),
      ];
    });
  };
  const declared = file.statements
    .filter(ts.isVariableStatement)
    .flatMap((each) => [...each.declarationList.declarations]);
  const literal = declared.find((each) => each.name.getText() === name)?.initializer;
  return literal === undefined ? [] : inside(literal, name);
}

/** Maps whose keys are the cloud's own. */
const FREE = /\.(importIds|ownerValues)$/;

/** What the compiler says of files that are not on disk, by path. */
function compiled(files: ReadonlyMap<string, string>): Map<string, string[]> {
  const config = ts.readConfigFile(join(REPOSITORY, "tsconfig.json"), ts.sys.readFile).config as object;
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, include: [], files: [] },
    ts.sys,
    REPOSITORY,
  );
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.fileExists = (path) => files.has(path) || fileExists(path);
  const program = ts.createProgram([...files.keys()], options, host);
  return new Map(
    [...files.keys()].map((path) => [
      path,
      program
        .getSemanticDiagnostics(program.getSourceFile(path))
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")),
    ]),
  );
}

describe("a fourth cloud that lacks a part", () => {
  const lacking = (file: string, name: string): [lacks: string, text: string][] => {
    const text = source(file);
    return properties(text, name).map(({ path, from, to }) => [path, text.slice(0, from) + text.slice(to)]);
  };
  const emptied = ["leaks", "sweeps", "failures"].map((part): [string, string] => {
    const text = source("operations.ts");
    const range = properties(text, "operations").find(({ path }) => path === `operations.${part}`);
    assert.ok(range !== undefined);
    return [
      `items in operations.${part}`,
      `${text.slice(0, range.from)} ${part}: [],${text.slice(range.to)}`,
    ];
  });

  it("is refused by the compiler, whichever part it is", function () {
    this.timeout("120s");
    const variants = [...lacking("index.ts", "cloud"), ...lacking("operations.ts", "operations"), ...emptied];
    const whole: [string, string][] = ["index.ts", "operations.ts"].map((file) => [file, source(file)]);
    const all = [...whole, ...variants];
    const pathOf = (i: number) => resolve(REPOSITORY, "clusters", NAME, `${i}.ts`);
    const found = compiled(new Map(all.map(([, text], i) => [pathOf(i), text])));

    const errors = all.map(([what], i) => [what, found.get(pathOf(i)) ?? []] as const);
    assert.deepEqual(errors.slice(0, whole.length), [
      ["index.ts", []],
      ["operations.ts", []],
    ]);
    const accepted = errors.slice(whole.length).filter(([, problems]) => problems.length === 0);
    assert.deepEqual(accepted, []);
    const parts = variants.map(([what]) => what);
    for (const part of Object.keys(cloud)) assert.ok(parts.includes(`cloud.${part}`), part);
    for (const part of Object.keys(operations)) assert.ok(parts.includes(`operations.${part}`), part);
    for (const part of [
      "operations.program.install",
      "operations.leaks[0].ask",
      "operations.preview.plugins",
    ])
      assert.ok(parts.includes(part), part);
  });

  const WRONG: readonly (readonly [string, Partial<CloudOperations> | { ownsCluster: false }, string])[] = [
    [
      "ownership of its cluster",
      { ownsCluster: false },
      "ownsCluster is false, and a stack creates harbour:fleet:Cluster",
    ],
    [
      "the type of its cluster",
      { clusterType: SHIP, importIds: { ...operations.importIds, [SHIP]: () => "x" } },
      `no stack creates a ${SHIP}`,
    ],
    ["its provider", { provider: "port" }, "no resource is of the provider port"],
    ["an import id", { importIds: {} }, "importIds has no harbour:fleet:Cluster"],
    [
      "a stand-in for its plugin",
      { preview: { ...operations.preview, plugins: ["port", NAME] } },
      "stub-clouds has no stand-in for the plugin port",
    ],
    [
      "its plugin in previews",
      { preview: { ...operations.preview, plugins: ["gcp"] } },
      "preview.plugins has no harbour",
    ],
  ];
  it("is refused by the contract, where no type can state it", async () => {
    const { resources } = await runStack({
      program: () => cloud.create("cluster", cloud.schema.parse({}), undefined),
      types: /^harbour:/,
    });
    const problems = (differs: object) =>
      operationsProblems({ ...operations, ...differs } as unknown as Operations, resources, [NAME, "gcp"]);
    assert.deepEqual(problems({}), []);
    for (const [what, differs, problem] of WRONG) assert.deepEqual(problems(differs), [problem], what);
  });
});
