/**
 * The description of a stub cloud, as data: one `PluginTable` for each provider plugin, one `Row` for each type of
 * resource. README.md describes how to add a row.
 */
import type { Account } from "./vendor/accounts";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- inputs of a resource, read by path
export type Values = Readonly<Record<string, any>>;

/** `docker-build` is not a cloud: it builds the image that is pushed to a cloud's registry. */
export const PLUGINS = ["gcp", "aws", "azure-native", "docker-build"] as const;
export type PluginName = (typeof PLUGINS)[number];

/** `eks` is a component: it creates its resources through `aws`. */
export type StubName = PluginName | "eks";

/**
 * Path of a value in a resource's inputs: `location`, `vpcConfig.subnetIds[]` (each item),
 * `tags.*` (each value of a map).
 */
export type Path = string;

/** Type of a resource: `gcp:container/cluster:Cluster`. */
export type Token = string;

/** A constraint of the cloud that the SDK's type does not express. All conditions of one rule must hold. */
export interface Rule {
  readonly pattern?: RegExp;
  readonly oneOf?: readonly string[];
  readonly maxLength?: number;
  readonly min?: number;
  readonly max?: number;
  /** Number of items in a list. */
  readonly items?: { readonly min?: number; readonly max?: number };
}

/** A value that refers to another resource, by its id or by any of its `handles`. */
export interface Ref {
  /** `*` is any type. */
  readonly to: Token | readonly Token[];
  /** Values that refer to something that exists without being created: `/^default$/`. */
  readonly except?: RegExp;
}

/** How long the real cloud takes, in seconds. A world's `timeScale` scales it (default 0: all at once). */
export interface Takes {
  readonly create?: number;
  readonly update?: number;
  readonly delete?: number;
}

/** A property whose change replaces the resource, always or for some values only. */
export type ReplaceOn =
  Path | { readonly path: Path; readonly when: (before: unknown, after: unknown) => boolean };

/** How one type of resource behaves. Property names and types need no entry: they are checked against the SDK. */
export interface Row {
  /** Properties that the cloud requires although the SDK's types do not. */
  readonly requires?: readonly Path[];
  readonly rules?: Readonly<Record<Path, Rule>>;
  /** Values of enums that the cloud accepts and the SDK's specification lacks. */
  readonly accepts?: readonly string[];
  /** Resources that must exist in this world, and be ready, when this resource is created or updated. */
  readonly refs?: Readonly<Record<Path, Token | Ref>>;
  /** Rules between properties: each string is one refusal, as the cloud words it. */
  readonly check?: (inputs: Values, context: Context) => readonly string[];
  /** Inputs that the provider sets if the program does not. */
  readonly defaults?: Values;
  /** The property that gets a name if the program sets none: one generated from the logical name, or a random UUID. */
  readonly autoname?: {
    readonly property: string;
    readonly maxLength?: number;
    readonly kind?: "uuid";
  };
  /** Properties whose change replaces the resource, including everything below such a path. */
  readonly replaceOn?: readonly ReplaceOn[];
  /** Default: the plugin's. Two existing resources with one id are refused. */
  readonly id?: (inputs: Values, context: Context) => string;
  /** The identifier that the provider accepts in an import, if it is not the id. */
  readonly importId?: (inputs: Values, id: string) => string;
  /**
   * What the cloud adds to the inputs, at any depth. A creation's preview shows it as unknown, and passes an unknown
   * id and possibly unknown inputs.
   */
  readonly outputs?: (inputs: Values, id: string, context: Context) => Values;
  /** Outputs that the provider computes without a call: known even in the preview of a creation. */
  readonly planned?: (inputs: Values, context: Context) => Values;
  /** Outputs by which others refer to it, in addition to its id. Default: name, selfLink, arn. */
  readonly handles?: readonly string[];
  /**
   * Why the cloud accepts it, and then cannot complete it: it exists, but never comes up, and the provider reports
   * that after as long as it waits.
   */
  readonly fails?: (inputs: Values, context: Context) => string | undefined;
  /** What the cloud creates once it is deleted. */
  readonly leaves?: (outputs: Values, id: string, context: Context) => readonly Companion[];
  /** What the cloud creates, updates and deletes with it, outside of every program. */
  readonly creates?: (outputs: Values, id: string, context: Context) => readonly Companion[];
  /** Seconds until others see that it exists, and the output that says when it was created, on the world's own clock. */
  readonly visibleAfter?: { readonly seconds: number; readonly createdOn: string };
  /** While this input is true, deletion is refused. */
  readonly protect?: string;
  /** Types whose resources block its deletion while they refer to it. */
  readonly deleteBlockedBy?: readonly Token[];
  /** Types whose resources are deleted with it if they refer to it; `*` is all. */
  readonly deletesToo?: readonly Token[] | "*";
  /** While it exists, what it refers to and everything below that cannot be deleted, not even with a parent. */
  readonly lock?: true;
  readonly takes?: Takes;
}

/** A resource that the cloud creates with another: the node resource group of an AKS cluster. */
export interface Companion {
  readonly token: Token;
  readonly id: string;
  readonly outputs: Values;
}

/** What a row's functions can use. */
export interface Context {
  /** The provider's own configuration: `project`, `region`, `location` ... */
  readonly config: Values;
  /** Logical name of the resource in the program. */
  readonly name: string;
  /** Lower-case hexadecimal digits, the same for the same resource, `salt` and length. */
  readonly random: (length: number, salt?: string) => string;
  /** The existing resource that a value refers to. */
  readonly find: (token: Token, value: unknown) => Resource | undefined;
  /** The existing resources of a type. */
  readonly all: (token: Token) => readonly Resource[];
  /** In `check`: whether the resource is about to be created. */
  readonly isNew: boolean;
  readonly quotas: Quotas;
  readonly apiServer: ApiServer;
}

/** What an account may have in a region; unlimited if undefined. */
export interface Quotas {
  /** On Azure, of each family. */
  readonly vcpus?: number;
  /** Public addresses. */
  readonly addresses?: number;
}

/** The API server that every cluster of a world returns. */
export interface ApiServer {
  /** `127.0.0.1:6443` */
  readonly host: string;
  /** Base64 of a PEM file, as kubeconfigs have it. */
  readonly certificateAuthority: string;
}

/** A resource in the cloud's inventory. */
export interface Resource {
  readonly plugin: string;
  readonly token: Token;
  readonly id: string;
  /** Logical name and URN in the program that created it; absent if something else did. */
  readonly name?: string;
  readonly urn?: string;
  /** Id of the resource that the cloud created it with. */
  readonly owner?: string;
  readonly inputs: Values;
  /** Everything, inputs too. */
  readonly outputs: Values;
  /** Milliseconds since 1970: when it was requested, and when it is ready, even if its client has exited by then. */
  readonly created: number;
  readonly ready: number;
  /** When its deletion is complete, once it has been requested. */
  readonly deleted?: number;
  /**
   * Deleted, and still in the vendor's lists: Resource Groups Tagging returns what is "tagged or previously tagged"
   * (boto3#1704, aws-cli#4173), and Azure Resource Manager caches its lists (azure-rest-api-specs#21221). Whatever a
   * stack or a command deletes becomes one.
   */
  readonly ghost?: boolean;
  /** When others start to see it; immediately if absent. */
  readonly visible?: number;
  /** Position among all resources ever created in this world. */
  readonly serial: number;
}

/** A resource as a program registered it. */
export interface Registered {
  readonly token: Token;
  readonly inputs: Values;
}

/** The error messages of one cloud. */
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
  /** What the provider prints once its login has expired. */
  readonly expired: string;
}

export interface PluginTable {
  readonly refusals: Refusals;
  /** Keys of the provider's configuration without which nothing can be created. */
  readonly requiresConfig: readonly string[];
  /** The login that the provider uses. */
  readonly account?: Account;
  /** Why this account may not have resources of a type, as the cloud words it. */
  readonly closed?: (token: Token, config: Values) => string | undefined;
  /** Keys whose change replaces every resource. */
  readonly replaceOnConfig: readonly string[];
  /** Whether a value outside the SDK's enum is refused (the SDK's types accept any string). */
  readonly closedEnums: boolean;
  /** Outputs that are not inputs and keep their old values in an update's preview. All others are unknown there. */
  readonly keptByUpdatePreview: "all" | readonly string[];
  /** Outputs that are unknown in a creation's preview: all, or those that always have a value. */
  readonly unknownAtFirst: "all" | "definite";
  /** Whether a refresh takes what the service changed into the inputs. Default: it does not. */
  readonly readsInputs?: "projected";
  /** What the plugin reads once, when it is configured, in addition to its configuration. */
  readonly session?: (world: string) => Values;
  /** References of every row that has the property. */
  readonly refs?: Readonly<Record<Path, Token | Ref>>;
  /** Id of a resource whose row defines none. */
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
 * A fault at the n-th matching call. A provider retries `throttle` and `unavailable` (five times); `dieAfter` loses
 * the response of a call that took effect; `partial` creates a resource that does not come up; `invisible` hides a
 * resource from others for `ms` after its creation.
 */
export interface Fault {
  readonly plugin?: PluginName;
  /** Default: the calls that change something: Create, Update, Delete. */
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
    | "expired"
    | "partial"
    | "hang"
    | "slow"
    | "die"
    | "dieAfter"
    | "invisible";
  /** Duration of `slow` and `invisible`, in milliseconds. */
  readonly ms?: number;
  /** Message of `fail`; the other faults use the cloud's messages. */
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
  /** Called by a preview: nothing was changed. */
  readonly preview?: boolean;
  /** The type has no row: it was echoed. */
  readonly generic?: boolean;
  readonly outcome: "ok" | "refused" | Fault["does"];
  readonly message?: string;
  /** How often the provider retried. */
  readonly retries?: number;
}
