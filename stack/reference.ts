/** Writes docs/config.md: every configuration key, from the schemas that check it. `./ralphctl docs`. */
import * as path from "node:path";
import * as prettier from "prettier";
import { stringify } from "yaml";
import { z } from "zod";
import { cloud, CLOUDS } from "../clusters";
import { sections } from ".";

export const REFERENCE = path.join(__dirname, "..", "docs", "config.md");

const INTRO = `
<!-- Written by \`./ralphctl docs\` from the schemas; edit those. -->

# Configuration

Every key belongs to the project's namespace, \`ralph:\`, and has the same name as in the guide's Helm
\`values.yaml\`. All values are checked before anything is changed, and all problems are reported at once, each
with the command that fixes it.

\`\`\`sh
pulumi config set ralph:namespace agents                         # a top-level key
pulumi config set --path ralph:config.maxIterations 50           # a key inside a map
pulumi config set --path 'ralph:tasks[0].prompt' task.md         # a key inside a list
pulumi config set --path 'ralph:prompts["more.md"]' "$(cat more.md)"
pulumi config set --secret --path ralph:apiKeys.claude           # asks for the value and encrypts it
pulumi config set ralph:valuesFile values.yaml                   # a Helm-style file, which all of the above override
\`\`\`

- Inside a map, \`pulumi config set --path\` reads digits as a number; text of digits needs \`--type string\`.
- A list in a stack's configuration replaces the list in the values file and the default one; maps are merged.
- In a values file, an empty text or \`null\` means that a value is not set. It must not contain secrets.
- API keys, registry passwords and the keys and tokens of \`git\` must be set with \`--secret\`, everything else without it.
`;

/** The part of JSON Schema that the schemas use. */
interface Node {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly Node[];
  readonly items?: Node;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Node | false;
}

export async function configReference(): Promise<string> {
  const { cloud: which, ...others } = sections;
  const parts = [
    INTRO,
    section("cloud", which),
    "## `cluster`\n\nThe keys of the cluster depend on its cloud.",
    ...CLOUDS.map((name) => section("cluster", cloud(name).schema, `### \`cluster\` with cloud \`${name}\``)),
    ...Object.entries(others).map(([key, schema]) => section(key, schema)),
  ];
  const options = await prettier.resolveConfig(REFERENCE);
  return prettier.format(parts.join("\n\n"), { ...options, parser: "markdown" });
}

function section(key: string, schema: z.ZodType, heading = `## \`${key}\``): string {
  const node = z.toJSONSchema(schema, { io: "input" }) as Node;
  // JSON Schema has no default of a value that is transformed, so it comes from parsing an empty configuration.
  const parsed = schema.safeParse(isMap(node) ? {} : undefined);
  const value = parsed.success ? (parsed.data as unknown) : undefined;
  const example = isListOfMaps(node) && (value as unknown[]).length > 0;
  const own = row(key, node, example ? undefined : value, !parsed.success);
  const rows = isMap(node) ? rowsOf(node, key, value) : [own, ...below(node, key)];
  return [
    heading,
    isMap(node) ? (node.description ?? "") : "",
    table(rows),
    ...(example ? ["By default:", `\`\`\`yaml\n${stringify({ [key]: value })}\`\`\``] : []),
  ].join("\n\n");
}

type Row = readonly [key: string, allowed: string, byDefault: string, description: string];

/** The keys of a map, each followed by those of the maps and lists inside it. */
function rowsOf(node: Node, prefix: string, value: unknown): Row[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, inner]) => {
    const key = `${prefix}.${name}`;
    const own = (value as Record<string, unknown> | undefined)?.[name] ?? inner.default;
    const required = node.required?.includes(name) === true;
    if (!isMap(inner)) return [row(key, inner, own, required), ...below(inner, key)];
    const inside = rowsOf(inner, key, own);
    return inner.description === undefined ? inside : [row(key, inner, undefined, required), ...inside];
  });
}

/** The keys of the maps in a list. */
const below = ({ items }: Node, key: string): Row[] =>
  items !== undefined && isMap(items) ? rowsOf(items, `${key}[]`, undefined) : [];

const row = (key: string, node: Node, value: unknown, required = false): Row => [
  code(key),
  allowed(node),
  required ? "required" : shown(value),
  node.description ?? "",
];

const isMap = ({ properties }: Node): boolean => properties !== undefined;
const isListOfMaps = ({ items }: Node): boolean => items !== undefined && isMap(items);

function allowed(node: Node): string {
  if (node.enum !== undefined) return node.enum.map((each) => code(String(each))).join(", ");
  if (node.title !== undefined) return node.title.replaceAll("<", "\\<");
  if (node.items !== undefined) return isMap(node.items) ? "list of maps" : `list of: ${allowed(node.items)}`;
  if (isMap(node)) return "map";
  if (typeof node.additionalProperties === "object") return `map of: ${allowed(node.additionalProperties)}`;
  if (node.anyOf !== undefined) return node.anyOf.map(allowed).join(" or ");
  if (node.type === "integer") return `whole number${bounds(node)}`;
  return TYPES[String(node.type)] ?? String(node.type);
}

const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  number: "number",
  boolean: "true or false",
  "string,number": "text or number",
};

/** The bounds of a rule, not those of an integer's width. */
function bounds({ minimum, maximum }: Node): string {
  const upper = maximum !== undefined && maximum < 2 ** 31 - 1 ? ` to ${maximum}` : "";
  return upper === "" ? `, ${minimum} or more` : `, ${minimum}${upper}`;
}

const shown = (value: unknown): string =>
  value === undefined ? "" : code(typeof value === "string" ? value : JSON.stringify(value));

const code = (text: string): string => `\`${text}\``;

function table(rows: readonly Row[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(["Key", "Value", "Default", ""]), line(["---", "---", "---", "---"]), ...rows.map(line)].join(
    "\n",
  );
}
