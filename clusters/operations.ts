import { type CloudName, CLOUDS } from ".";
import type { Tags } from "./ownership";
import type { Variables } from "./program";

/**
 * What the commands around `pulumi up` need to know about a cloud. `clusters/<cloud>/operations` exports it, apart
 * from the cloud's module, so that `pulumi up` never loads it. `Key` is the union of the keys in `where`.
 */
export type Operations<Key extends string = string> = CloudOperations<Key> | SharedClusterOperations<Key>;

/** A cloud in which the program creates the cluster and everything below it. */
export interface CloudOperations<Key extends string = string> {
  readonly ownsCluster: true;
  /** Namespace of its provider's configuration: `gcp`. */
  readonly provider: string;
  /** Keys under `ralph:cluster` that, with the cluster's name, say where the stack's resources are. */
  readonly where: readonly Key[];
  /** Type of the cluster in a state: a stack that has one owns everything in that cluster. */
  readonly clusterType: string;
  /** A stack's name as the tag `stack` of its resources spells it. */
  readonly stackTag: (stack: string) => string;
  readonly program: VendorProgram;
  /**
   * How the program gets the identity of the stack's provider, if the provider's configuration gives it another one than
   * the program's own login. Undefined if it does not, or if an option of each command says it.
   */
  readonly login?: (place: Pick<Place, "provider" | "stack">) => Login | undefined;
  /** Whether the stack's cluster exists. */
  readonly cluster: ClusterQuery<Key>;
  /** Find everything that a stack can leave behind. */
  readonly leaks: NonEmpty<Query<Key>>;
  /**
   * How to ask for one thing by its id. Undefined if its kind has no such question, or if the cloud's lists never have
   * what is deleted.
   */
  readonly byId: (id: string, place: Pick<Place<Key>, "provider">) => IdQuery | undefined;
  /** Kinds of things (`what`) in the order in which they can be removed. Empty if that is the order of `leaks`. */
  readonly removalOrder: readonly string[];
  /** The place, completed by what the ids in the stack's state tell about it. */
  readonly located: (place: Place<Key>, ids: readonly string[]) => Place<Key>;
  /** Find everything that keeps a network from being deleted. Empty if the cloud's own error names it. */
  readonly blockers: readonly BlockerQuery<Key>[];
  /**
   * Command lines that run before the cluster is deleted, and stop what would create something again afterwards. If one
   * fails, the next is not run.
   */
  readonly quiet: (place: Place<Key>) => readonly (readonly string[])[];
  /**
   * Labels of the objects that the cloud's add-ons keep in a cluster: deleted, they come back, and they are deleted with
   * the cluster. Empty if no add-on creates a load balancer, a claim or an autoscaler.
   */
  readonly addonLabels: Readonly<Record<string, string>>;
  /**
   * Finds what is older than the newest version for the cluster's Kubernetes. Absent if the cloud updates everything
   * itself.
   */
  readonly outdated?: (place: Place<Key>, ask: Ask) => Promise<readonly Outdated[]>;
  /** Find everything that any stack of this project has tagged. */
  readonly sweeps: NonEmpty<Sweep<Key>>;
  /** How to find the import id of a resource, by type. Ids are those of "Import" in each resource's documentation. */
  readonly importIds: Readonly<Record<string, ImportId<Key>>>;
  /** How a pod asks for credentials of this cloud. */
  readonly podCredentials: PodCredentials;
  readonly failures: NonEmpty<KnownFailure>;
  readonly preview: Preview;
}

/** Where agents find a cloud's models by the identity of their pod. */
export interface PodCredentials {
  /** Variables by which the configuration sends an agent to these models. */
  readonly usedBy: readonly string[];
  /**
   * Body of an asynchronous function for Node, which returns the seconds for which the credentials are valid: with `fs`,
   * `given(variable)`, which ends the program without one, and `json(url, options)`, a request.
   */
  readonly seconds: string;
  /** What it means if the pod lacks a variable. */
  readonly missing: string;
}

/** A cluster that the program does not create: there is no cloud to look into, only the cluster itself. */
export interface SharedClusterOperations<Key extends string = string> {
  readonly ownsCluster: false;
  readonly where: readonly Key[];
  /** @throws KubeconfigError if there is no such file or context */
  readonly kubeconfig: (place: Place<Key>) => string;
  /** Options by which `kubectl` reaches the cluster. */
  readonly kubectlOptions: (place: Place<Key>) => readonly string[];
}

type NonEmpty<T> = readonly [T, ...T[]];

/** Where a stack is, by its configuration alone: known even if nothing of it is left. */
export interface Place<Key extends string = string> {
  readonly cloud: CloudName;
  readonly stack: string;
  /** Name of the cluster, and of what is named after it. Empty if the stack does not create one. */
  readonly cluster: string;
  /** The stack's namespace in the cluster. Undefined if its configuration is invalid. */
  readonly namespace?: string;
  /** Values of the keys that `where` of the cloud's operations names. */
  readonly where: Readonly<Partial<Record<Key, string>>>;
  /** Configuration of the cloud's provider, without the namespace: `project`, `region`, `subscriptionId`. */
  readonly provider: Readonly<Record<string, string>>;
}

/** The vendor's command line program, which asks the cloud. */
export interface VendorProgram {
  /** URL of its installation guide. */
  readonly install: string;
  /** How to log in with it. */
  readonly logIn: string;
  /** Milliseconds to wait before each further look: its lists still contain what has just been deleted. */
  readonly lag: readonly number[];
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers of vendors' programs, read by path
export type Answer = any;

/** How a vendor's program gets another identity. Credentials are in variables only: others can read a command line. */
export interface Login {
  readonly variables: Variables;
  /** Calls in this order, each with the variables so far. */
  readonly steps: readonly LoginStep[];
  /** The same for a shell: what comes before the commands of a report. */
  readonly commands: readonly string[];
  /** Why the program cannot have that identity. */
  readonly impossible?: NoLogin;
}

export interface LoginStep {
  readonly ask: readonly string[];
  /** The variables that the answer adds, or why the login cannot be used. */
  readonly then: (stdout: string) => { readonly variables: Variables } | NoLogin;
  /** What to do if the program refuses. */
  readonly fix: string;
}

export interface NoLogin {
  readonly reason: string;
  readonly fix: string;
}

/** The question whether a cluster exists, asked by the vendor's program. */
export interface ClusterQuery<Key extends string = string> {
  /** Program and arguments; the answer is JSON. */
  readonly ask: (place: Place<Key>) => readonly string[];
  readonly exists: (answer: Answer, place: Place<Key>) => boolean;
  /** What the program prints, with an exit code other than 0, that means "no". */
  readonly none?: RegExp;
}

/** The question for one kind of what a stack can leave behind. */
export interface Query<Key extends string = string> {
  /** What is looked for, for people: `disks of claims`. */
  readonly about: string;
  /** Program and arguments; the answer is JSON. */
  readonly ask: (place: Place<Key>) => readonly string[];
  readonly found: (answer: Answer, place: Place<Key>) => readonly Found[];
  /** What the program prints, with an exit code other than 0, that means "there is nothing of this kind". */
  readonly none?: RegExp;
  /** A question about each item found, if the first answer does not have its tags. */
  readonly tags?: {
    readonly ask: (found: Found, place: Place<Key>) => readonly string[];
    readonly of: (answer: Answer) => Tags;
  };
}

/** Runs a program with arguments, whose answer is JSON, with the identity of the stack's provider. */
export type Ask = (words: readonly string[]) => Promise<Answer>;

/** A part of a cluster at an older version than the newest one. */
export interface Outdated {
  /** Kind and name. */
  readonly object: string;
  readonly version: string;
  readonly newest: string;
  /** The cluster's version of Kubernetes. */
  readonly kubernetes: string;
  /** The key below `ralph:` whose new value updates it, and the key that would hold it back. */
  readonly update: { readonly key: string; readonly value: string };
  readonly pin: string;
}

/** The question whether one thing still exists. */
export interface IdQuery {
  /** Program and arguments; the answer is JSON. */
  readonly ask: readonly string[];
  readonly exists: (answer: Answer) => boolean;
  /** What the program prints, with an exit code other than 0, that means "no". */
  readonly none: RegExp;
}

/** Something in the cloud that may belong to a stack: its tags decide, or those of what it is a part of. */
export interface Found {
  /** What kind of thing it is, for people: `disk`. */
  readonly what: string;
  /** The cloud's identifier: a name, an ARN, a resource id. */
  readonly id: string;
  /** Type of the resource in a state, if its id alone does not tell it from others. */
  readonly type?: string;
  /** Commands that remove it, in this order. None if it has another owner although it is a part of the stack's. */
  readonly remove: readonly string[];
  /** Absent if it has none, or cannot have any. */
  readonly tags?: Tags | null;
  /** Kind (`what`) of what it is a part of. Absent if the program tags everything of its own kind. */
  readonly partOf?: string;
  /** Whether the stack's configuration names it: no other stack can have one of that name. */
  readonly named?: boolean;
  /**
   * The program, or something in the cluster such as a volume driver. While the cluster exists, what it created is
   * in use.
   */
  readonly createdBy: "program" | "cluster";
}

/** The question for one kind of what is in the stack's network, and in no state. */
export interface BlockerQuery<Key extends string = string> {
  readonly about: string;
  /** Type of the network in a state. */
  readonly networkType: string;
  /** Program and arguments; the answer is JSON. `network` is its id. */
  readonly ask: (network: string, place: Place<Key>) => readonly string[];
  /** `remove` is empty unless the thing itself tells that a service created it unasked. */
  readonly found: (answer: Answer, place: Place<Key>) => readonly Found[];
}

/** One question to a cloud for everything that this project has tagged. */
export interface Sweep<Key extends string = string> {
  /** What is looked for, for people: `resource groups`. */
  readonly about: string;
  /** Program and arguments; the answer is JSON. */
  readonly ask: readonly string[];
  readonly tagged: (answer: Answer) => readonly Tagged<Key>[];
}

/** Something in a cloud that carries the tags of a stack. */
export interface Tagged<Key extends string = string> {
  readonly tags: Readonly<Record<string, string>>;
  /** Where its stack is, as far as the thing itself tells. */
  readonly place: Partial<Pick<Place<Key>, "cluster" | "where">>;
}

/** Inputs of a resource in a state, read by name. */
export type Inputs = Readonly<Record<string, Answer>>;

/** The id of what would have been created from these inputs; undefined if it does not exist or cannot be known. */
export type ImportId<Key extends string = string> = (
  inputs: Inputs,
  context: ImportContext<Key>,
) => string | undefined | Promise<string | undefined>;

export interface ImportContext<Key extends string = string> {
  readonly place: Place<Key>;
  /** Undefined if there is no answer. */
  readonly ask: Ask;
  /** Ids of everything that the state has. */
  readonly known: ReadonlySet<string>;
}

/** A failure of a command that ends by itself, or that a known action ends. */
export interface KnownFailure {
  readonly pattern: RegExp;
  /** What is going on, for people. */
  readonly because: string;
  /** Where the pattern is documented or was reported. */
  readonly source: string;
  /**
   * Number of further attempts that are worth it: 0 if only `fix` ends it. Default: as many as the command makes at all.
   */
  readonly attempts?: number;
  /** What ends it, for people; commands are in backquotes. Absent if waiting does. */
  readonly fix?: string;
}

/** What a preview without an account needs. */
export interface Preview {
  /** Provider plugins to replace by stand-ins. */
  readonly plugins: NonEmpty<string>;
  /** Configuration that a committed stack file leaves to its owner, by key: `ralph:cluster.admins`. */
  readonly ownerValues: Readonly<Record<string, unknown>>;
}

/** The operations of one cloud. The path is computed on purpose: no other cloud's are loaded. */
export function operationsOf(name: CloudName): Operations {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (require(`./${name}/operations`) as { operations: Operations }).operations;
}

/** Every cloud in which the program creates a cluster, with its operations. */
export const ownClouds = (): (readonly [CloudName, CloudOperations])[] =>
  CLOUDS.flatMap((name) => {
    const operations = operationsOf(name);
    return operations.ownsCluster ? [[name, operations] as const] : [];
  });
