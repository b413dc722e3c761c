/** Proves that docs/config.md and Pulumi.yaml match the schemas, and that every key has a description. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { cloud, CLOUDS } from "../../clusters";
import { sections } from "../../stack";
import { configReference, REFERENCE } from "../../stack/reference";

describe("the reference of the configuration", () => {
  let text: string;
  before(async () => (text = await configReference()));

  it("is what `./ralphctl docs` writes", () => {
    assert.equal(readFileSync(REFERENCE, "utf8"), text, "docs/config.md is stale: ./ralphctl docs");
  });

  it("has every key of the workload and of each cloud, with a description", () => {
    const keys = keysOf(sections);
    assert.ok(keys.length > 80);
    assert.deepEqual(undescribed(text, keys), []);
    for (const name of CLOUDS) {
      const [part = ""] = (text.split(`### \`cluster\` with cloud \`${name}\``)[1] ?? "").split(/^##/m);
      assert.deepEqual(undescribed(part, keysOf({ cluster: cloud(name).schema })), [], name);
    }
  });

  it("counts a key without a row, or with an empty last cell, as undescribed", () => {
    const rows = "| `a.b` | text | `x\\|y` | |\n| `a.c` | text | | Said. |";
    assert.deepEqual(undescribed(rows, ["a.b", "a.c", "a.d"]), ["a.b", "a.d"]);
  });
});

describe("Pulumi.yaml", () => {
  const declared = (parse(readFileSync("Pulumi.yaml", "utf8")) as { config: Record<string, Declared> })
    .config;

  it("declares the maps of the schema with their descriptions, the cloud and its cluster, and nothing else", () => {
    const maps = Object.entries(sections)
      .map(([key, schema]) => [key, z.toJSONSchema(schema, { io: "input" }) as Node] as const)
      .filter(([key, { type }]) => type === "object" || key === "cloud")
      .map(([key, { description }]) => [key, description] as const);
    const { cluster, ...others } = declared;
    assert.deepEqual(
      Object.fromEntries(Object.entries(others).map(([key, { description }]) => [key, description])),
      Object.fromEntries(maps),
    );
    assert.equal(cluster?.type, "object");
  });

  it("has a default for each that means unset, so that none hides a values file", () => {
    for (const [key, { type, default: unset }] of Object.entries(declared)) {
      assert.deepEqual(unset, type === "object" ? {} : "", key);
    }
  });
});

interface Declared {
  readonly type: string;
  readonly description: string;
  readonly default: unknown;
}

interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
}

const keysOf = (schemas: Readonly<Record<string, z.ZodType>>): string[] =>
  Object.entries(schemas).flatMap(([key, schema]) =>
    leaves(z.toJSONSchema(schema, { io: "input" }) as Node, key),
  );

/** The keys without a row that has text in its last cell. */
function undescribed(text: string, keys: readonly string[]): string[] {
  const rows = new Map(text.split("\n").map((line) => [/^\| `([^`]+)`/.exec(line)?.[1], line] as const));
  return keys.filter(
    (key) =>
      (rows
        .get(key)
        ?.split(/(?<!\\)\|/)
        .at(-2)
        ?.trim() ?? "") === "",
  );
}

/** The keys with values: those of maps inside maps, and of the maps in lists. */
function leaves({ properties, items }: Node, key: string): string[] {
  if (properties !== undefined) {
    return Object.entries(properties).flatMap(([name, inner]) => leaves(inner, `${key}.${name}`));
  }
  return [key, ...(items?.properties === undefined ? [] : leaves(items, `${key}[]`))];
}
