/**
 * What AWS says of a field, in one language for its two models: the schemas of CloudFormation's registry, and the
 * requests of the API.
 */
import { model } from "./models";

export type Kind = "string" | "number" | "boolean" | "list" | "object" | "map" | "any";

type Bounds = readonly [number | undefined, number | undefined];

export interface Field {
  readonly model: string;
  readonly kinds: readonly Kind[];
  /** Names of the fields that an object must have. */
  readonly required: readonly string[];
  readonly isReadOnly: boolean;
  /** Whether CloudFormation replaces a resource for a change of it; undefined if the model does not say. */
  readonly isCreateOnly?: boolean;
  readonly property: (name: string) => Field | undefined;
  /** What a list or a map contains. */
  readonly item: () => Field;
  /** Minimum and maximum number of items. */
  readonly count: Bounds;
  /** Why it refuses a scalar. */
  readonly refusal: (value: string | number | boolean) => string | undefined;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}
interface Resource extends Schema {
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly createOnlyProperties?: readonly string[];
  readonly readOnlyProperties?: readonly string[];
}

interface Limits {
  readonly values: readonly unknown[] | undefined;
  readonly pattern: string | undefined;
  readonly length: Bounds;
  readonly range: Bounds;
}

/** The formats of CloudFormation's registry, from cfnlint/rules/formats/*.py in the same wheel. */
const FORMATS: Readonly<Record<string, string>> = {
  "AWS::EC2::SecurityGroup.Id": "^sg-([a-fA-F0-9]{8}|[a-fA-F0-9]{17})$",
  "AWS::EC2::Subnet.Id": "^subnet-(([0-9A-Fa-f]{8})|([0-9A-Fa-f]{17}))$",
  "AWS::EC2::VPC.Id": "^vpc-(([0-9A-Fa-f]{8})|([0-9A-Fa-f]{17}))$",
  "AWS::IAM::Role.Arn": "^arn:aws[a-zA-Z-]*:iam::\\d{12}:role/.+$",
  "AWS::KMS::Key.Arn": "^arn:aws[a-zA-Z-]*:kms:[a-z0-9-]+:\\d{12}:(key|alias)/.+$",
  "AWS::Logs::LogGroup.Name": "^[._/#A-Za-z0-9-]{1,512}$",
  "ipv4-network": "^\\d+\\.\\d+\\.\\d+\\.\\d+/\\d+$",
};

const REGISTRY = "cfnlint/data/schemas";

/** A type of resource in CloudFormation's registry. */
export function registered(type: string): Field {
  const ids = model<Record<string, string>>("cfn-lint", `${REGISTRY}/providers/us-west-2.json`);
  const root = model<Resource>("cfn-lint", `${REGISTRY}/resources/${ids[type]}.json`);
  return registryField(root, root, "/properties");
}

function registryField(root: Resource, at: Schema, pointer: string): Field {
  const schema = resolved(root, at);
  const { properties, patternProperties, items, enum: values, pattern, format } = schema;
  const types = [schema.type ?? []].flat();
  const within = (list: readonly string[] = []): boolean =>
    list.some((each) => `${pointer}/`.startsWith(`${each}/`));
  return {
    model: "CloudFormation",
    kinds: types.length === 0 ? ["any"] : types.map((type) => kindOf(type, properties !== undefined)),
    required: schema.required ?? [],
    isReadOnly: root.readOnlyProperties?.includes(pointer) ?? false,
    isCreateOnly: within(root.createOnlyProperties),
    property: (name) => {
      const key = Object.keys(properties ?? {}).find((each) => each.toLowerCase() === name.toLowerCase());
      const found = key === undefined ? undefined : properties?.[key];
      return found && registryField(root, found, `${pointer}/${key}`);
    },
    item: () => registryField(root, items ?? Object.values(patternProperties ?? {})[0] ?? {}, pointer),
    count: [schema.minItems, schema.maxItems],
    refusal: (value) =>
      refusal(value, {
        values,
        pattern: pattern ?? FORMATS[format ?? ""],
        length: [schema.minLength, schema.maxLength],
        range: [schema.minimum, schema.maximum],
      }),
  };
}

function resolved(root: Resource, schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  const { $ref, ...rest } = schema;
  const target = $ref.split("/").slice(1) as ["definitions" | "properties", string];
  return { ...resolved(root, root[target[0]]?.[target[1]] ?? {}), ...rest };
}

interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
  readonly member?: { readonly shape: string };
  readonly value?: { readonly shape: string };
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly min?: number;
  readonly max?: number;
}
interface Service {
  readonly operations: Readonly<Record<string, { readonly input: { readonly shape: string } }>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

const SERVICES = {
  backup: "2018-11-15",
  ec2: "2016-11-15",
  ecr: "2015-09-21",
  efs: "2015-02-01",
  eks: "2017-11-01",
  iam: "2010-05-08",
  logs: "2014-03-28",
};

export type Request = `${keyof typeof SERVICES} ${string}`;

/** The parameters of an operation, such as `eks CreateCluster`. */
export function requested(request: Request): Field {
  const [service, operation = ""] = request.split(" ") as [keyof typeof SERVICES, string];
  const api = model<Service>("botocore", `botocore/data/${service}/${SERVICES[service]}/service-2.json`);
  const { input } = api.operations[operation] as Service["operations"][string];
  return requestField(api.shapes, input.shape);
}

function requestField(shapes: Service["shapes"], name: string): Field {
  const shape = shapes[name] as Shape;
  const { members = {}, min, max } = shape;
  const isText = shape.type === "string";
  return {
    model: "the API",
    kinds: [kindOf(shape.type, true)],
    required: shape.required ?? [],
    isReadOnly: false,
    property: (wanted) => {
      const key = Object.keys(members).find((each) => each.toLowerCase() === wanted.toLowerCase());
      const member = members[key ?? ""];
      return member && requestField(shapes, member.shape);
    },
    item: () => requestField(shapes, (shape.member ?? shape.value)?.shape ?? ""),
    count: [min, max],
    refusal: (value) =>
      refusal(value, {
        values: shape.enum,
        // The services match the whole value, whether or not the pattern says so; those of the registry say so.
        pattern: shape.pattern === undefined ? undefined : `^(?:${shape.pattern})$`,
        length: isText ? [min, max] : [undefined, undefined],
        range: isText ? [undefined, undefined] : [min, max],
      }),
  };
}

const KINDS: Readonly<Record<string, Kind>> = {
  array: "list",
  list: "list",
  map: "map",
  structure: "object",
  boolean: "boolean",
  integer: "number",
  long: "number",
  float: "number",
  double: "number",
  number: "number",
};

const kindOf = (type: string, hasProperties: boolean): Kind =>
  type === "object" ? (hasProperties ? "object" : "map") : (KINDS[type] ?? "string");

function refusal(value: string | number | boolean, { values, pattern, length, range }: Limits) {
  const text = String(value);
  if (values !== undefined && !values.map(String).includes(text))
    return `must be one of ${values.join(", ")}`;
  if (pattern !== undefined && !compiled(pattern).test(text)) return `must match ${pattern}`;
  if (typeof value === "number") return outside(value, range);
  return outside(text.length, length, "characters");
}

/** Why a number, or a number of things, is refused. */
export function outside(
  value: number,
  [min = -Infinity, max = Infinity]: Bounds,
  things?: string,
): string | undefined {
  const must = (limit: string): string =>
    things === undefined ? `must be ${limit}` : `must have ${limit} ${things}`;
  if (value < min) return must(`at least ${min}`);
  return value > max ? must(`at most ${max}`) : undefined;
}

/** The models' patterns are Python's and Java's. */
const compiled = (pattern: string): RegExp =>
  new RegExp(pattern.replaceAll("\\Z", "$"), /\\[pu]\{/.test(pattern) ? "u" : "");
