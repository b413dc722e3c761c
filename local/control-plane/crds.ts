import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import ts from "typescript";

import { REPOSITORY } from "../../lib/repository";

/**
 * The custom resources that the workload may create. Their operators' manifests are not on npm, but their types
 * are (@kubernetes-models), generated from the same Go source. The structural schema is derived from them, so that a
 * server refuses what the operator's own CRD would refuse by type, enum or pattern.
 */
export interface JsonSchema {
  type?: "object" | "array" | "string" | "number" | "boolean";
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema;
  required?: string[];
  items?: JsonSchema;
  enum?: string[];
  pattern?: string;
  "x-kubernetes-int-or-string"?: true;
  "x-kubernetes-preserve-unknown-fields"?: true;
}

const MODULES = join(REPOSITORY, "node_modules");

/** prometheus-operator, monitoring.coreos.com/v1. */
export const serviceMonitorCrd = (): object =>
  crd({
    group: "monitoring.coreos.com",
    version: "v1",
    names: {
      kind: "ServiceMonitor",
      listKind: "ServiceMonitorList",
      plural: "servicemonitors",
      singular: "servicemonitor",
      shortNames: ["smon"],
    },
    package: "@kubernetes-models/prometheus-operator",
    subresources: { status: {} },
  });

/** prometheus-operator, monitoring.coreos.com/v1. */
export const prometheusRuleCrd = (): object =>
  crd({
    group: "monitoring.coreos.com",
    version: "v1",
    names: {
      kind: "PrometheusRule",
      listKind: "PrometheusRuleList",
      plural: "prometheusrules",
      singular: "prometheusrule",
      shortNames: ["promrule"],
    },
    package: "@kubernetes-models/prometheus-operator",
    subresources: { status: {} },
  });

/** Argo CD, argoproj.io/v1alpha1. Its status is not a subresource. */
export const applicationCrd = (): object =>
  crd({
    group: "argoproj.io",
    version: "v1alpha1",
    names: {
      kind: "Application",
      listKind: "ApplicationList",
      plural: "applications",
      singular: "application",
      shortNames: ["app", "apps"],
    },
    package: "@kubernetes-models/argo-cd",
  });

interface Definition {
  readonly group: string;
  readonly version: string;
  readonly names: {
    readonly kind: string;
    readonly listKind: string;
    readonly plural: string;
    readonly singular: string;
    readonly shortNames: readonly string[];
  };
  /** npm package of the types. */
  readonly package: string;
  readonly subresources?: object;
}

function crd(definition: Definition): object {
  const { group, version, names, subresources } = definition;
  const folder = join(MODULES, definition.package, group, version);
  const schema = new TypeFile(join(folder, `${names.kind}.d.ts`)).schema(`I${names.kind}`, []);
  // The server owns metadata and refuses a schema that describes it.
  schema.properties = { ...schema.properties, metadata: { type: "object" } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${names.plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names,
      versions: [
        { name: version, served: true, storage: true, schema: { openAPIV3Schema: schema }, subresources },
      ],
    },
  };
}

const ANYTHING: JsonSchema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

/** One declaration file, read as syntax only: a type check of these packages would take seconds. */
class TypeFile {
  private readonly source: ts.SourceFile;

  constructor(private readonly path: string) {
    this.source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest);
  }

  /** @param parents types that contain this one: a recursive type has no structural schema */
  schema(name: string, parents: readonly string[]): JsonSchema {
    const id = `${this.path}#${name}`;
    if (parents.includes(id)) return ANYTHING;
    for (const statement of this.source.statements) {
      if (ts.isInterfaceDeclaration(statement) && statement.name.text === name) {
        return this.interfaceSchema(statement, [...parents, id]);
      }
      if (ts.isTypeAliasDeclaration(statement) && statement.name.text === name) {
        return this.typeSchema(statement.type, [...parents, id]);
      }
    }
    throw new Error(`${this.path} declares no ${name}`);
  }

  private interfaceSchema(declaration: ts.InterfaceDeclaration, parents: readonly string[]): JsonSchema {
    const inherited = (declaration.heritageClauses ?? [])
      .flatMap((clause) => clause.types)
      .map(({ expression }) => (expression as ts.Identifier).text)
      .filter((base) => base !== "TypeMeta")
      .map((base) => this.reference(base, parents));
    const own = this.membersSchema(declaration.members, parents);
    const properties = Object.assign(
      {},
      ...[...inherited, own].map((part) => part.properties ?? {}),
    ) as Record<string, JsonSchema>;
    const required = [...inherited, own].flatMap((part) => part.required ?? []);
    // Go's RawExtension and similar types: any object.
    if (Object.keys(properties).length === 0) return ANYTHING;
    return { type: "object", properties, ...(required.length > 0 && { required }) };
  }

  private membersSchema(members: ts.NodeArray<ts.TypeElement>, parents: readonly string[]): JsonSchema {
    const properties: Record<string, JsonSchema> = {};
    const required: string[] = [];
    for (const member of members) {
      if (ts.isIndexSignatureDeclaration(member)) {
        return { type: "object", additionalProperties: this.typeSchema(member.type, parents) };
      }
      if (!ts.isPropertySignature(member) || member.type === undefined) continue;
      const key = (member.name as ts.StringLiteral | ts.Identifier).text;
      properties[key] = this.typeSchema(member.type, parents);
      if (member.questionToken === undefined) required.push(key);
    }
    return { type: "object", properties, ...(required.length > 0 && { required }) };
  }

  private typeSchema(type: ts.TypeNode, parents: readonly string[]): JsonSchema {
    switch (type.kind) {
      case ts.SyntaxKind.StringKeyword:
        return { type: "string" };
      case ts.SyntaxKind.NumberKeyword:
        return { type: "number" };
      case ts.SyntaxKind.BooleanKeyword:
        return { type: "boolean" };
    }
    if (ts.isUnionTypeNode(type))
      return unionSchema(type.types.map((member) => this.typeSchema(member, parents)));
    if (ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal)) {
      return { type: "string", enum: [type.literal.text] };
    }
    if (ts.isTypeLiteralNode(type)) return this.membersSchema(type.members, parents);
    if (ts.isTypeReferenceNode(type) && ts.isIdentifier(type.typeName)) {
      const [element] = type.typeArguments ?? [];
      if (type.typeName.text === "Array" && element !== undefined) {
        return { type: "array", items: this.typeSchema(element, parents) };
      }
      return this.reference(type.typeName.text, parents);
    }
    return { "x-kubernetes-preserve-unknown-fields": true };
  }

  /** A type by its name in this file, which may be an imported, long alias of its declared name. */
  private reference(alias: string, parents: readonly string[]): JsonSchema {
    for (const statement of this.source.statements) {
      if (!ts.isImportDeclaration(statement)) continue;
      const bindings = statement.importClause?.namedBindings;
      if (bindings === undefined || !ts.isNamedImports(bindings)) continue;
      if (!bindings.elements.some((element) => element.name.text === alias)) continue;
      const path = this.locate((statement.moduleSpecifier as ts.StringLiteral).text);
      const file = new TypeFile(path);
      const schema = file.schema(file.declaredName(alias), parents);
      return schema.type === "string" ? { ...schema, ...patternOf(path, alias) } : schema;
    }
    return this.schema(this.declaredName(alias), parents);
  }

  private locate(specifier: string): string {
    const path = specifier.startsWith(".")
      ? resolve(dirname(this.path), specifier)
      : join(MODULES, specifier);
    return `${path.replace(/\.js$/, "")}.d.ts`;
  }

  /** `IServiceMonitor` for the alias `ILongName` in `export type { IServiceMonitor as ILongName }`. */
  private declaredName(alias: string): string {
    for (const statement of this.source.statements) {
      if (!ts.isExportDeclaration(statement) || statement.exportClause === undefined) continue;
      if (!ts.isNamedExports(statement.exportClause)) continue;
      const found = statement.exportClause.elements.find((element) => element.name.text === alias);
      if (found !== undefined) return (found.propertyName ?? found.name).text;
    }
    return alias;
  }
}

function unionSchema(members: readonly JsonSchema[]): JsonSchema {
  const types = new Set(members.map(({ type }) => type));
  if (types.size === 2 && types.has("string") && types.has("number"))
    return { "x-kubernetes-int-or-string": true };
  if (members.every((member) => member.enum !== undefined)) {
    return { type: "string", enum: members.flatMap((member) => member.enum ?? []) };
  }
  return { "x-kubernetes-preserve-unknown-fields": true };
}

/** Types carry no patterns, but the validator that the package ships for each string type does. */
function patternOf(path: string, alias: string): { pattern?: string } {
  const segments = relative(MODULES, path).split(sep);
  const root = join(MODULES, ...segments.slice(0, segments[0]?.startsWith("@") ? 2 : 1));
  const validator = join(root, "_schemas", `${alias.replace(/^I/, "")}.js`);
  if (!existsSync(validator)) return {};
  const match = /params:\{pattern:("(?:[^"\\]|\\.)*")/.exec(readFileSync(validator, "utf8"));
  return match?.[1] === undefined ? {} : { pattern: JSON.parse(match[1]) as string };
}
