/**
 * What a stub cloud is told, as data: one `PluginTable` for each provider plugin, one `Row` for each type
 * of resource. README.md says how to add a row.
 */

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- inputs of a resource, read by path
export type Values = Readonly<Record<string, any>>;

/** `docker-build` is no cloud: it builds the image that goes to the registry of one. */
export const PLUGINS = ["gcp", "aws", "azure-native", "docker-build"] as const;
export type PluginName = (typeof PLUGINS)[number];

/** `eks` is a component: what it makes, it makes by `aws`. */
export type StubName = PluginName | "eks";

/**
 * Where a value is, from a resource's inputs: `location`, `vpcConfig.subnetIds[]` (each item),
 * `tags.*` (each value of a map).
 */
export type Path = string;

/** Type of a resource: `gcp:container/cluster:Cluster`. */
export type Token = string;

/** What the cloud wants of a value that the SDK's type does not say. Several in one rule: all hold. */
export interface Rule {
  readonly pattern?: RegExp;
  readonly oneOf?: readonly string[];
  readonly maxLength?: number;
  readonly min?: number;
  readonly max?: number;
  /** Number of items of a list. */
  readonly items?: { readonly min?: number; readonly max?: number };
}

/** A value that names another resource, by its id or by any of its `handles`. */
export interface Ref {
  /** `*` is any. */
  readonly to: Token | readonly Token[];
  /** Values that name something which is there without having been made: `/^default$/`. */
  readonly except?: RegExp;
}

/** How long the real cloud takes, in seconds. `timeScale` of a world makes tests of it (default 0: at once). */
export interface Takes {
  readonly create?: number;
  readonly update?: number;
  readonly delete?: number;
}

/** How one type of resource behaves. Property names and types are checked against the SDK without a word here. */
export interface Row {
  /** Properties that the cloud requires and the SDK's types do not. */
  readonly requires?: readonly Path[];
  readonly rules?: Readonly<Record<Path, Rule>>;
  /** What must exist in this world, and be ready, when this resource is made or changed. */
  readonly refs?: Readonly<Record<Path, Token | Ref>>;
  /** Rules between properties: each string is one refusal, in the cloud's words. */
  readonly check?: (inputs: Values, context: Context) => readonly string[];
  /** Inputs that the provider fills in where the program says nothing. */
  readonly defaults?: Values;
  /** The property that gets a name made of the logical name where the program gives none. */
  readonly autoname?: { readonly property: string; readonly maxLength?: number };
  /** Properties whose change makes a new resource. Everything below such a path counts. */
  readonly replaceOn?: readonly Path[];
  /** Default: that of the plugin. Two live resources with one id are refused. */
  readonly id?: (inputs: Values, context: Context) => string;
  /** What the provider takes in an import where that is not the id. */
  readonly importId?: (inputs: Values, id: string) => string;
  /**
   * What the cloud adds to the inputs, at any depth. A creation's preview shows it as unknown, and asks with
   * an id, and perhaps inputs, that are unknown.
   */
  readonly outputs?: (inputs: Values, id: string, context: Context) => Values;
  /** The same, as far as the provider knows it without a call: known in the preview of a creation too. */
  readonly planned?: (inputs: Values, context: Context) => Values;
  /** Outputs by which others refer to it, beside its id. Default: name, selfLink, arn. */
  readonly handles?: readonly string[];
  /** While this input is true, deletion is refused. */
  readonly protect?: string;
  /** Types that refuse its deletion while one of theirs refers to it. */
  readonly deleteBlockedBy?: readonly Token[];
  /** Types of which those that refer to it are deleted with it; `*` is all. */
  readonly deletesToo?: readonly Token[] | "*";
  /** While it is there, nothing that it refers to can be deleted, be it with its parent, and nothing below that. */
  readonly lock?: true;
  readonly takes?: Takes;
}

/** What a row's functions may ask. */
export interface Context {
  /** The provider's own configuration: `project`, `region`, `location` ... */
  readonly config: Values;
  /** Logical name of the resource in the program. */
  readonly name: string;
  /** Lower-case hexadecimal digits, the same for the same resource, `salt` and length. */
  readonly random: (length: number, salt?: string) => string;
  /** The live resource that a value refers to. */
  readonly find: (token: Token, value: unknown) => Resource | undefined;
  readonly apiServer: ApiServer;
}

/** The API server that every cluster of a world hands out. */
export interface ApiServer {
  /** `127.0.0.1:6443` */
  readonly host: string;
  /** Base64 of a PEM file, as kubeconfigs have it. */
  readonly certificateAuthority: string;
}

/** A resource as the cloud has it. */
export interface Resource {
  readonly plugin: string;
  readonly token: Token;
  readonly id: string;
  /** Logical name and URN in the program that made it; absent where something else made it. */
  readonly name?: string;
  readonly urn?: string;
  readonly inputs: Values;
  /** Everything, inputs too. */
  readonly outputs: Values;
  /** Milliseconds since 1970: when it was asked for, and when it is ready. The cloud goes on by itself. */
  readonly created: number;
  readonly ready: number;
  /** When it is gone, once its deletion has been asked for. */
  readonly gone?: number;
  /** From when others find it; at once when absent. */
  readonly visible?: number;
  /** Number among all that were ever made in this world. */
  readonly serial: number;
}

/** The words in which one cloud refuses. */
export interface Refusals {
  readonly notFound: (token: Token, value: string) => string;
  readonly notReady: (resource: Resource) => string;
  readonly exists: (token: Token, id: string) => string;
  readonly inUse: (resource: Resource, by: readonly Resource[]) => string;
  readonly protected: (resource: Resource) => string;
  readonly invalid: (token: Token, reason: string) => string;
  readonly throttled: string;
  readonly quota: (token: Token) => string;
  readonly denied: (method: string, token: Token) => string;
  readonly unavailable: string;
}

export interface PluginTable {
  readonly refusals: Refusals;
  /** Keys of the provider's configuration without which nothing can be made. */
  readonly requiresConfig: readonly string[];
  /** Keys whose change makes everything anew. */
  readonly replaceOnConfig: readonly string[];
  /** Whether a value beside the SDK's list of an enum is refused (the SDK's types accept any string). */
  readonly closedEnums: boolean;
  /** Outputs that are no inputs and that an update's preview knows: the old values. Others are unknown there. */
  readonly keptByUpdatePreview: "all" | readonly string[];
  /** Outputs that a creation's preview says are unknown: all, or those that always have a value. */
  readonly unknownAtFirst: "all" | "definite";
  /** References that rows of the plugin have in common, where they have the property. */
  readonly refs?: Readonly<Record<Path, Token | Ref>>;
  /** Id of a resource whose row has none. */
  readonly id: (inputs: Values, context: Context, token: Token) => string;
  /** Outputs of every resource of the plugin, below those of its row. */
  readonly outputs: (inputs: Values, id: string, context: Context, token: Token) => Values;
  readonly resources: Readonly<Record<Token, Row>>;
  readonly invokes: Readonly<Record<Token, (args: Values, context: Context) => Values>>;
}

/** RPC of a plugin, or (`Token`) a call of an authentication program. */
export type Method =
  "Configure" | "Check" | "Diff" | "Create" | "Read" | "Update" | "Delete" | "Invoke" | "Construct" | "Token";

/**
 * Something goes wrong, at the n-th call that fits. `throttle` and `unavailable` are what a provider retries
 * (five times); `dieAfter` loses the answer of a call that took effect; `partial` makes a resource that does
 * not come up; `invisible` keeps a resource that was just made from being found by others for `ms`.
 */
export interface Fault {
  readonly plugin?: PluginName;
  /** By default a call that changes something: Create, Update, Delete. */
  readonly method?: Method;
  readonly token?: Token;
  /** Logical name of the resource. */
  readonly name?: string;
  /** Counted from 1 over all processes of the world. Default 1. */
  readonly nth?: number;
  /** How many in a row. Default 1. */
  readonly times?: number;
  /** Instead of `nth`: each call with this probability, by the world's seed. */
  readonly rate?: number;
  readonly does:
    | "fail"
    | "throttle"
    | "unavailable"
    | "quota"
    | "denied"
    | "partial"
    | "hang"
    | "slow"
    | "die"
    | "dieAfter"
    | "invisible";
  /** Of `slow` and `invisible`. */
  readonly ms?: number;
  /** Of `fail`; the words are the cloud's otherwise. */
  readonly message?: string;
}

/** One line of the ledger. */
export interface Call {
  readonly time: string;
  readonly pid: number;
  readonly plugin: string;
  readonly method: Method;
  readonly token?: Token;
  readonly name?: string;
  readonly id?: string;
  /** Asked by a preview: nothing was changed. */
  readonly preview?: boolean;
  /** The type has no row: it was echoed. */
  readonly generic?: boolean;
  readonly outcome: "ok" | "refused" | Fault["does"];
  readonly message?: string;
  /** How often the provider asked again. */
  readonly retries?: number;
}
