import { dependencies } from "../../package.json";
import { kubernetesOf, NODE_RELEASE } from "./kubernetes";

/** Programs that a run needs, by the name they have on PATH. */
export const TOOL_NAMES = [
  "pulumi",
  "pulumi-language-nodejs",
  "pulumi-resource-kubernetes",
  "kubectl",
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok",
  "kwokctl",
] as const;
/** What makes this machine a real node: needed only where one is asked for, and only on Linux. */
export const NODE_TOOLS = ["kubelet", "volume-driver"] as const;
export type Tool = (typeof TOOL_NAMES)[number] | (typeof NODE_TOOLS)[number];

/** The engine with its plugins: what every run needs. */
export const ENGINE_TOOLS = [
  "pulumi",
  "pulumi-language-nodejs",
  "pulumi-resource-kubernetes",
  "kubectl",
] as const satisfies readonly Tool[];
/** A private control plane: needed where no cluster is given. */
export const CONTROL_PLANE_TOOLS = [
  "kubectl",
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok",
  "kwokctl",
] as const satisfies readonly Tool[];

export type Version = readonly [major: number, minor: number, patch: number];
export interface Range {
  readonly from: Version;
  /** First version that is not usable any more. */
  readonly below?: Version;
}

/** How a tool that is on PATH already is judged. */
export interface Usable {
  readonly range: Range;
  readonly versionArgs: readonly string[];
}

/** Folders of programs that Go builds together: see BUILDS. */
export type BuildName =
  "pulumi" | "kubernetes-provider" | "kubernetes" | "etcd" | "kwok" | "node" | "language-nodejs";

export interface ToolPin {
  readonly build: BuildName;
  /** Absent: the tool is never taken from PATH by itself (toolchain.ts says how it is found). */
  readonly usable?: Usable;
  /** Where a person gets it. */
  readonly install: string;
}

/** The oldest Go that builds all of them (kwok asks for 1.26.0). */
export const GO: Usable = { range: { from: [1, 26, 0] }, versionArgs: ["version"] };
export const GO_INSTALL = "https://go.dev/doc/install (1.26 or newer)";

const KUBERNETES = kubernetesOf();
const SERVER: Usable = {
  range: { from: [1, KUBERNETES.minor, 0], below: [1, KUBERNETES.minor + 1, 0] },
  versionArgs: ["--version"],
};
const KUBERNETES_INSTALL = `https://kubernetes.io/releases/download/ (v1.${KUBERNETES.minor})`;
// The stages of local/control-plane/stages.yaml use `steps`, which came with 0.8.
const KWOK: Usable = { range: { from: [0, 8, 0], below: [1, 0, 0] }, versionArgs: ["--version"] };
const KWOK_INSTALL = "https://kwok.sigs.k8s.io/docs/user/installation/";
const PULUMI_INSTALL = "https://www.pulumi.com/docs/install/";

export const TOOLS: Readonly<Record<Tool, ToolPin>> = {
  pulumi: {
    build: "pulumi",
    // Older ones cannot skip the plugins of clouds that a stack does not use, nor take options from PULUMI_OPTION_*.
    usable: { range: { from: [3, 238, 0], below: [4, 0, 0] }, versionArgs: ["version"] },
    install: PULUMI_INSTALL,
  },
  "pulumi-language-nodejs": { build: "language-nodejs", install: `${PULUMI_INSTALL} (comes with pulumi)` },
  "pulumi-resource-kubernetes": {
    build: "kubernetes-provider",
    install: "pulumi plugin install resource kubernetes",
  },
  kubectl: {
    build: "kubernetes",
    // One minor version beside the server's: Kubernetes' version skew policy.
    usable: {
      range: { from: [1, KUBERNETES.minor - 1, 0], below: [1, KUBERNETES.minor + 2, 0] },
      versionArgs: ["version", "--client"],
    },
    install: "https://kubernetes.io/docs/tasks/tools/",
  },
  etcd: {
    build: "etcd",
    // Older servers lack RequestWatchProgress, without which an API server >= 1.34 answers watches with 500.
    usable: { range: { from: [3, 5, 13], below: [4, 0, 0] }, versionArgs: ["--version"] },
    install: "https://etcd.io/docs/latest/install/",
  },
  "kube-apiserver": { build: "kubernetes", usable: SERVER, install: KUBERNETES_INSTALL },
  "kube-controller-manager": { build: "kubernetes", usable: SERVER, install: KUBERNETES_INSTALL },
  "kube-scheduler": { build: "kubernetes", usable: SERVER, install: KUBERNETES_INSTALL },
  kwok: { build: "kwok", usable: KWOK, install: KWOK_INSTALL },
  kwokctl: { build: "kwok", usable: KWOK, install: KWOK_INSTALL },
  // Links to one binary of ours.
  kubelet: { build: "node", install: GO_INSTALL },
  "volume-driver": { build: "node", install: GO_INSTALL },
};

/** One `go build`: a module in local/tools/go, one package of it, one binary. */
export interface BuildStep {
  readonly module: string;
  readonly package: string;
  readonly output: string;
  readonly version: string;
  readonly tags?: readonly string[];
  /** Linker variables (`-X`). */
  readonly variables?: Readonly<Record<string, string>>;
  /** Seconds with an empty Go cache on 2 cores, measured in the order of BUILDS. */
  readonly seconds: number;
}

/** Programs that must end up in one folder. */
export interface Build {
  readonly steps: readonly BuildStep[];
  /** Further names of a binary that looks at the name it is called by. */
  readonly links?: Readonly<Record<string, readonly string[]>>;
}

/**
 * The releases in use, downloaded or built by Go. Two cannot be built in these versions: the engine's language host and
 * the Kubernetes provider, whose builds are older (below).
 */
export const RELEASES = {
  pulumi: "3.259.0",
  /** The version that the pinned npm SDK asks the engine for. */
  kubernetesProvider: dependencies["@pulumi/kubernetes"],
  kubernetes: KUBERNETES.release,
  etcd: "3.6.13",
  kwok: "0.8.0",
} as const;

/** The last release of the language host that can be had as a Go module; a downloaded engine comes with its own. */
export const LANGUAGE_HOST_VERSION = "3.68.0";

/** The version that a provider built by Go reports: release 4.24.0 and two changes. */
export const BUILT_PROVIDER_VERSION = "4.24.1-dev";

const PULUMI_VERSION = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
const PULUMI_TAGS = ["osusergo", "grpcnotrace"]; // as upstream; grpcnotrace keeps dead-code elimination

/** Without them /version says v0.0.0 and the Kubernetes provider refuses the server. */
function versionVariables(release: string): Readonly<Record<string, string>> {
  const [major = "", minor = ""] = release.split(".");
  const version = {
    gitVersion: `v${release}`,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: "clean",
    // Form only: the module does not carry the commit. component-base wants 40 hex digits.
    gitCommit: "0".repeat(40),
    buildDate: "2026-01-01T00:00:00Z",
  };
  return Object.fromEntries(
    ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((path) =>
      Object.entries(version).map(([name, value]) => [`${path}.${name}`, value]),
    ),
  );
}

export const BUILDS: Readonly<Record<BuildName, Build>> = {
  etcd: {
    steps: [{ module: "etcd", package: ".", output: "etcd", version: RELEASES.etcd, seconds: 41 }],
  },
  kwok: {
    steps: [{ module: "kwok", package: ".", output: "kwok", version: RELEASES.kwok, seconds: 81 }],
    links: { kwok: ["kwokctl"] },
  },
  kubernetes: {
    steps: [
      {
        module: KUBERNETES.module,
        package: ".",
        output: "kubernetes",
        version: RELEASES.kubernetes,
        variables: versionVariables(RELEASES.kubernetes),
        seconds: 239,
      },
    ],
    links: { kubernetes: ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"] },
  },
  // Its own binary: most runs have no real node.
  node: {
    steps: [
      {
        module: "node",
        package: ".",
        output: "node",
        version: NODE_RELEASE,
        variables: versionVariables(NODE_RELEASE),
        seconds: 57,
      },
    ],
    links: { node: ["kubelet", "volume-driver"] },
  },
  pulumi: {
    steps: [
      {
        module: "pulumi",
        package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        output: "pulumi",
        version: RELEASES.pulumi,
        tags: PULUMI_TAGS,
        variables: { [PULUMI_VERSION]: `v${RELEASES.pulumi}` },
        seconds: 213,
      },
    ],
  },
  // Not beside the engine, where it would be found before the one in PULUMI_HOME: language-host.ts.
  "language-nodejs": {
    steps: [
      {
        module: "language-nodejs",
        package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
        output: "pulumi-language-nodejs",
        version: LANGUAGE_HOST_VERSION,
        tags: PULUMI_TAGS,
        variables: { [PULUMI_VERSION]: `v${LANGUAGE_HOST_VERSION}` },
        seconds: 26,
      },
    ],
  },
  "kubernetes-provider": {
    steps: [
      {
        module: "kubernetes-provider",
        package: ".",
        output: "pulumi-resource-kubernetes",
        version: BUILT_PROVIDER_VERSION,
        variables: {
          "main.version": BUILT_PROVIDER_VERSION,
          "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version": BUILT_PROVIDER_VERSION,
        },
        seconds: 410,
      },
    ],
  },
};
