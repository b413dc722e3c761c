/** Proves that docs/config.md and Pulumi.yaml say what the schemas say, and that no key goes without a word. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { sections } from "../config";
import { configReference, REFERENCE } from "../tools/config-reference";

describe("the reference of the configuration", () => {
  let text: string;
  before(async () => (text = await configReference()));

  it("is what `npm run docs` writes", () => {
    assert.equal(readFileSync(REFERENCE, "utf8"), text, "docs/config.md is stale: npm run docs");
  });

  it("has every key of the workload's schemas, each with a description", () => {
    const keys = Object.entries(sections).flatMap(([key, schema]) =>
      leaves(z.toJSONSchema(schema, { io: "input" }) as Node, key),
    );
    assert.ok(keys.length > 80);
    const rows = new Map(text.split("\n").map((line) => [/^\| `([^`]+)`/.exec(line)?.[1], line] as const));
    for (const key of keys) {
      const cells = rows.get(key)?.split(/(?<!\\)\|/);
      assert.notEqual(cells?.at(-2)?.trim() ?? "", "", `${key} has no description`);
    }
  });
});

describe("Pulumi.yaml", () => {
  const declared = (parse(readFileSync("Pulumi.yaml", "utf8")) as { config: Record<string, Declared> })
    .config;

  it("declares the maps of the schema with its descriptions, the cloud and its cluster, and no other", () => {
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

  it("has a default for each that means unset, or it would hide a values file", () => {
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

/** The keys that hold values: those of maps inside maps, and of the maps in lists. */
function leaves({ properties, items }: Node, key: string): string[] {
  if (properties !== undefined) {
    return Object.entries(properties).flatMap(([name, inner]) => leaves(inner, `${key}.${name}`));
  }
  return [key, ...(items?.properties === undefined ? [] : leaves(items, `${key}[]`))];
}
