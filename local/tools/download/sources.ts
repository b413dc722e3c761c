import { RELEASES, type Tool } from "../pins";

export const PLATFORMS = ["linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64"] as const;
export type Platform = (typeof PLATFORMS)[number];

/** Where the expected SHA-256 of a file comes from. */
export type Checksum =
  /** URL of the publisher's checksum file: a line `<digest>  <name>` for each file of the release. */
  | { readonly list: string }
  /** URL of the publisher's checksum file for this file alone, which holds the digest and nothing else. */
  | { readonly digest: string }
  /** The digest itself, for a publisher without checksum files. */
  | { readonly pinned: string };

/** One file of a release. */
export interface ReleaseFile {
  readonly url: string;
  readonly checksum: Checksum;
  /** Path in the archive of each tool; the tool's name if the file is the program itself. */
  readonly programs: Readonly<Partial<Record<Tool, string>>>;
}

export interface Source {
  readonly version: string;
  readonly files: Readonly<Partial<Record<Platform, ReleaseFile>>>;
  /** Why there is no file for the other platforms. */
  readonly elsewhere?: string;
}

function filesFor(
  platforms: readonly Platform[],
  file: (os: string, arch: string, platform: Platform) => ReleaseFile,
): Source["files"] {
  return Object.fromEntries(
    platforms.map((platform) => {
      const [os = "", arch = ""] = platform.split("/");
      return [platform, file(os, arch, platform)];
    }),
  );
}

const LINUX = PLATFORMS.filter((platform) => platform.startsWith("linux/"));

/**
 * Names by pulumi/pulumi, .goreleaser.yml: archives.name_template and wrap_in_directory, checksum.name_template. The
 * archive has the language hosts next to the engine.
 */
function pulumi(version: string): Source {
  const release = `https://github.com/pulumi/pulumi/releases/download/v${version}`;
  return {
    version,
    files: filesFor(PLATFORMS, (os, arch) => ({
      url: `${release}/pulumi-v${version}-${os}-${arch === "amd64" ? "x64" : arch}.tar.gz`,
      checksum: { list: `${release}/pulumi-${version}-checksums.txt` },
      programs: { pulumi: "pulumi/pulumi", "pulumi-language-nodejs": "pulumi/pulumi-language-nodejs" },
    })),
  };
}

/**
 * Names by pulumi/pulumi-kubernetes, .goreleaser.yml: project_name, archives.name_template, and no checksum section, so
 * the checksum file has GoReleaser's default name (goreleaser.com/customization/checksum).
 */
function kubernetesProvider(version: string): Source {
  const release = `https://github.com/pulumi/pulumi-kubernetes/releases/download/v${version}`;
  return {
    version,
    files: filesFor(PLATFORMS, (os, arch) => ({
      url: `${release}/pulumi-resource-kubernetes-v${version}-${os}-${arch}.tar.gz`,
      checksum: { list: `${release}/pulumi-kubernetes_${version}_checksums.txt` },
      programs: { "pulumi-resource-kubernetes": "pulumi-resource-kubernetes" },
    })),
  };
}

/**
 * Paths and .sha256 files by kubernetes.io/docs/tasks/tools/install-kubectl-linux and install-kubectl-macos. Servers
 * are published for Linux only (kubernetes.io/releases/download; aquaproj/aqua-registry, kube-apiserver).
 */
function kubernetes(version: string, tool: Tool, platforms: readonly Platform[]): Source {
  return {
    version,
    elsewhere: "Kubernetes publishes its servers for Linux only",
    files: filesFor(platforms, (os, arch) => {
      const url = `https://dl.k8s.io/release/v${version}/bin/${os}/${arch}/${tool}`;
      return { url, checksum: { digest: `${url}.sha256` }, programs: { [tool]: tool } };
    }),
  };
}

/** Names by etcd-io/etcd: scripts/build-binary.sh (tar.gz for Linux, zip for macOS) and scripts/release.sh (SHA256SUMS). */
function etcd(version: string): Source {
  const release = `https://github.com/etcd-io/etcd/releases/download/v${version}`;
  return {
    version,
    files: filesFor(PLATFORMS, (os, arch) => {
      const name = `etcd-v${version}-${os}-${arch}`;
      return {
        url: `${release}/${name}.${os === "linux" ? "tar.gz" : "zip"}`,
        checksum: { list: `${release}/SHA256SUMS` },
        programs: { etcd: `${name}/etcd` },
      };
    }),
  };
}

/**
 * Names by kubernetes-sigs/kwok, hack/releases.sh, which uploads plain programs and no checksum file. So the digests
 * are pinned, each as at least two packagers recorded it independently (the AUR's kwok-bin, a Nix expression, a script
 * with pins). None recorded darwin/amd64. A new version needs new digests.
 */
function kwok(version: string, tool: Tool, digests: Readonly<Partial<Record<Platform, string>>>): Source {
  return {
    version,
    elsewhere: "kwok publishes no checksums, and no digest is pinned for this platform",
    files: filesFor(Object.keys(digests) as Platform[], (os, arch, platform) => ({
      url: `https://github.com/kubernetes-sigs/kwok/releases/download/v${version}/${tool}-${os}-${arch}`,
      checksum: { pinned: digests[platform] ?? "" },
      programs: { [tool]: tool },
    })),
  };
}

/** The publishers' release binaries, in the order in which they are downloaded. */
export const SOURCES = {
  pulumi: pulumi(RELEASES.pulumi),
  "kubernetes-provider": kubernetesProvider(RELEASES.kubernetesProvider),
  kubectl: kubernetes(RELEASES.kubernetes, "kubectl", PLATFORMS),
  "kube-apiserver": kubernetes(RELEASES.kubernetes, "kube-apiserver", LINUX),
  "kube-controller-manager": kubernetes(RELEASES.kubernetes, "kube-controller-manager", LINUX),
  "kube-scheduler": kubernetes(RELEASES.kubernetes, "kube-scheduler", LINUX),
  etcd: etcd(RELEASES.etcd),
  kwok: kwok(RELEASES.kwok, "kwok", {
    "linux/amd64": "f5a4385a2ae1b9dd7f8acae18e002a75c0ebba124ae9d7259aa8dadb50711f46",
    "linux/arm64": "628f7d277860f524a2a775c217adcc58828e7b59ab0933680315784f1b8b0e37",
    "darwin/arm64": "69a064ec98d37844d9d742b5b28ff57825659a983ccc3e208daa6948b94d64ba",
  }),
  kwokctl: kwok(RELEASES.kwok, "kwokctl", {
    "linux/amd64": "d5743166c657283d6e827c7c4c20cacfd9009fd94830f06718ca7b2c7099461f",
    "linux/arm64": "5a642b27d3e975f36040d215640cd90fb4a63cb6fca0ad5865a61bcd9c81051b",
    "darwin/arm64": "9323a59adb9c27854bd2a76652ad00258bcbb68acc40aba0dc21e362b67b7d6a",
  }),
} as const satisfies Readonly<Record<string, Source>>;
export type SourceName = keyof typeof SOURCES;
