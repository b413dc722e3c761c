/**
 * The installed SDKs' declaration of a resource type: names and types of its properties, at any depth. The
 * TypeScript parser reads each once; the result is stored in the cache folder.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type * as TypeScript from "typescript";

import { cacheFolder } from "../local/tools/cache";
import type { PluginName, Token } from "./types";

export type Shape =
  | "string"
  | "number"
  | "boolean"
  | "any"
  | { readonly list: Shape }
  | { readonly map: Shape }
  /** Key of `SdkType.objects`. */
  | { readonly object: string }
  /** An enum; the SDK also accepts any other value of its type. */
  | { readonly values: readonly (string | number)[] }
  | { readonly anyOf: readonly Shape[] };

export interface Property {
  readonly shape: Shape;
  readonly optional: boolean;
}
export type Properties = Readonly<Record<string, Property>>;

export interface SdkType {
  readonly inputs: Properties;
  readonly objects: Readonly<Record<string, Properties>>;
  /** Outputs, and whether each always has a value. */
  readonly outputs: Readonly<Record<string, boolean>>;
}

/** Version of the cached format; increase it with every change. */
const FORMAT = 2;

const packageFolder = (plugin: string): string => dirname(require.resolve(`@pulumi/${plugin}/package.json`));

export function sdkVersion(plugin: string): string {
  const text = readFileSync(join(packageFolder(plugin), "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/** The SDK's declaration of a type; undefined if it has none. */
export function sdkType(plugin: PluginName, token: Token): SdkType | undefined {
  const file = declarations(plugin, token);
  if (file === undefined) return undefined;
  const cached = join(
    cacheFolder(),
    "sdk-types",
    `${plugin}-${sdkVersion(plugin)}-${FORMAT}`,
    `${token.replaceAll(/[:/]/g, ".")}.json`,
  );
  if (existsSync(cached)) return JSON.parse(readFileSync(cached, "utf8")) as SdkType;
  const type = new Reader(packageFolder(plugin)).read(file, token.slice(token.lastIndexOf(":") + 1));
  mkdirSync(dirname(cached), { recursive: true });
  writeFileSync(`${cached}.${process.pid}`, JSON.stringify(type));
  renameSync(`${cached}.${process.pid}`, cached);
  return type;
}

/** The declaration file of `gcp:container/cluster:Cluster` or `azure-native:containerservice:ManagedCluster`. */
function declarations(plugin: string, token: Token): string | undefined {
  const [owner, path, name] = token.split(":");
  if (owner !== plugin || path === undefined || name === undefined) return undefined;
  const [module = "", file = name] = path.split("/");
  const folder = join(packageFolder(plugin), module === "index" ? "" : module);
  if (!existsSync(folder)) return undefined;
  const wanted = `${file}.d.ts`.toLowerCase();
  const found = readdirSync(folder).find((each) => each.toLowerCase() === wanted);
  return found === undefined ? undefined : join(folder, found);
}

class Reader {
  // Loading it takes half a second, which only the first use of a type should cost.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  private readonly ts = require("typescript") as typeof TypeScript;
  private readonly objects: Record<string, Properties> = {};
  private readonly sources = new Map<string, TypeScript.SourceFile>();

  constructor(private readonly folder: string) {}

  read(file: string, name: string): SdkType {
    const source = this.parse(file, readFileSync(file, "utf8"));
    const args = source.statements.find(
      (each) => this.ts.isInterfaceDeclaration(each) && each.name.text === `${name}Args`,
    ) as TypeScript.InterfaceDeclaration | undefined;
    const type = source.statements.find(
      (each) => this.ts.isClassDeclaration(each) && each.name?.text === name,
    ) as TypeScript.ClassDeclaration | undefined;
    if (args === undefined || type === undefined) throw new Error(`${file} declares no ${name}`);
    return { inputs: this.properties(args), outputs: this.outputs(type), objects: this.objects };
  }

  private parse(key: string, text: string): TypeScript.SourceFile {
    const known = this.sources.get(key);
    if (known !== undefined) return known;
    const source = this.ts.createSourceFile(key, text, this.ts.ScriptTarget.Latest);
    this.sources.set(key, source);
    return source;
  }

  private properties(declaration: TypeScript.InterfaceDeclaration): Properties {
    const entries = declaration.members
      .filter(this.ts.isPropertySignature)
      .map((member): [string, Property] => [
        (member.name as TypeScript.Identifier | TypeScript.StringLiteral).text,
        { shape: this.shape(member.type), optional: member.questionToken !== undefined },
      ]);
    return Object.fromEntries(entries);
  }

  private outputs({ members }: TypeScript.ClassDeclaration): Record<string, boolean> {
    const { isPropertyDeclaration, isTypeReferenceNode, isIdentifier } = this.ts;
    const entries = members.filter(isPropertyDeclaration).flatMap(({ name, type }) => {
      if (!isIdentifier(name) || type === undefined || !isTypeReferenceNode(type)) return [];
      const [value] = type.typeArguments ?? [];
      if (value === undefined) return [];
      return [[name.text, !this.alternatives(value).some((each) => this.isUndefined(each))] as const];
    });
    return Object.fromEntries(entries);
  }

  private isUndefined(node: TypeScript.TypeNode): boolean {
    return node.kind === this.ts.SyntaxKind.UndefinedKeyword;
  }

  private alternatives(node: TypeScript.TypeNode): readonly TypeScript.TypeNode[] {
    return this.ts.isUnionTypeNode(node) ? node.types : [node];
  }

  private shape(node: TypeScript.TypeNode | undefined): Shape {
    const { ts } = this;
    if (node === undefined) return "any";
    if (ts.isUnionTypeNode(node)) {
      const types = node.types.filter((each) => !this.isUndefined(each));
      const [only, ...more] = types;
      if (more.length === 0) return this.shape(only);
      const shapes = types.map((each) => this.shape(each));
      if (shapes.includes("any")) return "any";
      // `string | enums.X`: the enum alone; `closedEnums` decides whether other values are accepted.
      const values = shapes.find((shape) => typeof shape === "object" && "values" in shape);
      return values ?? { anyOf: shapes };
    }
    if (ts.isParenthesizedTypeNode(node)) return this.shape(node.type);
    if (ts.isArrayTypeNode(node)) return { list: this.shape(node.elementType) };
    if (ts.isTypeLiteralNode(node)) {
      const [member] = node.members;
      return member !== undefined && ts.isIndexSignatureDeclaration(member)
        ? { map: this.shape(member.type) }
        : "any";
    }
    if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal))
      return { values: [node.literal.text] };
    if (ts.isTypeReferenceNode(node)) return this.reference(node);
    switch (node.kind) {
      case ts.SyntaxKind.StringKeyword:
        return "string";
      case ts.SyntaxKind.NumberKeyword:
        return "number";
      case ts.SyntaxKind.BooleanKeyword:
        return "boolean";
      default:
        return "any";
    }
  }

  private reference(node: TypeScript.TypeReferenceNode): Shape {
    const path = this.nameOf(node.typeName);
    if (path[0] === "pulumi" && path[1] === "Input") return this.shape(node.typeArguments?.[0]);
    if (path[0] === "inputs") return this.object(path.slice(1));
    if (path[0] === "enums") return this.enumeration(path.slice(1));
    return "any"; // an asset, a resource, an alias of string
  }

  private nameOf(name: TypeScript.EntityName): string[] {
    return this.ts.isIdentifier(name) ? [name.text] : [...this.nameOf(name.left), name.right.text];
  }

  private object(path: readonly string[]): Shape {
    const key = path.join(".");
    if (this.objects[key] === undefined) {
      this.objects[key] = {}; // before its properties, which may contain this type
      const statements = this.namespace(path.slice(0, -1));
      const declaration = statements.find(
        (each) => this.ts.isInterfaceDeclaration(each) && each.name.text === path.at(-1),
      ) as TypeScript.InterfaceDeclaration | undefined;
      if (declaration === undefined) throw new Error(`no inputs.${key} in ${this.folder}`);
      this.objects[key] = this.properties(declaration);
    }
    return { object: key };
  }

  /** One namespace of the huge file of all inputs, extracted before it is parsed. */
  private namespace(path: readonly string[]): readonly TypeScript.Statement[] {
    const [outer, ...inner] = path;
    const text = this.text(join(this.folder, "types", "input.d.ts"));
    const head = "\nexport declare namespace ";
    if (outer === undefined) {
      return this.parse("inputs", text.slice(0, text.indexOf(head) + 1 || undefined)).statements;
    }
    const start = text.indexOf(`${head}${outer} {`);
    if (start < 0) return [];
    const next = text.indexOf(head, start + 1);
    let { statements } = this.parse(`inputs.${outer}`, text.slice(start, next < 0 ? undefined : next));
    for (const name of [outer, ...inner]) {
      const block = statements.find(
        (each) => this.ts.isModuleDeclaration(each) && each.name.text === name,
      ) as TypeScript.ModuleDeclaration | undefined;
      if (block?.body === undefined || !this.ts.isModuleBlock(block.body)) return [];
      statements = block.body.statements;
    }
    return statements;
  }

  private readonly texts = new Map<string, string>();
  private text(file: string): string {
    const text = this.texts.get(file) ?? readFileSync(file, "utf8");
    this.texts.set(file, text);
    return text;
  }

  /** `export declare const X: { readonly A: "a" }`. */
  private enumeration(path: readonly string[]): Shape {
    const file = join(this.folder, "types", "enums", ...path.slice(0, -1), "index.d.ts");
    if (!existsSync(file)) return "any";
    const { ts } = this;
    for (const statement of this.parse(file, readFileSync(file, "utf8")).statements) {
      if (!ts.isVariableStatement(statement)) continue;
      const [{ name, type } = { name: undefined, type: undefined }] = statement.declarationList.declarations;
      if (name === undefined || !ts.isIdentifier(name) || name.text !== path.at(-1)) continue;
      if (type === undefined || !ts.isTypeLiteralNode(type)) return "any";
      return {
        values: type.members.flatMap((member): (string | number)[] => {
          if (!ts.isPropertySignature(member) || member.type === undefined) return [];
          if (!ts.isLiteralTypeNode(member.type)) return [];
          const { literal } = member.type;
          if (ts.isStringLiteral(literal)) return [literal.text];
          return ts.isNumericLiteral(literal) ? [Number(literal.text)] : [];
        }),
      };
    }
    return "any";
  }
}
