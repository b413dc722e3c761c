/** Proves which file of which publisher is downloaded for each platform, and how it is verified. */
import assert from "node:assert/strict";

import { PLATFORMS, type Source, SOURCES } from "../../../../local/tools/download/sources";
import { BUILDS, ENGINE_TOOLS, RELEASES, TOOL_NAMES } from "../../../../local/tools/pins";
import { SDK_VERSION } from "../../../../local/tools/provider";

const GITHUB = "https://github.com";
const KUBERNETES = "https://dl.k8s.io/release/v1.34.4/bin";

const URLS: Readonly<Record<string, readonly string[]>> = {
  "linux/amd64": [
    `${GITHUB}/pulumi/pulumi/releases/download/v3.259.0/pulumi-v3.259.0-linux-x64.tar.gz`,
    `${GITHUB}/pulumi/pulumi-kubernetes/releases/download/v4.34.2/pulumi-resource-kubernetes-v4.34.2-linux-amd64.tar.gz`,
    `${KUBERNETES}/linux/amd64/kubectl`,
    `${KUBERNETES}/linux/amd64/kube-apiserver`,
    `${KUBERNETES}/linux/amd64/kube-controller-manager`,
    `${KUBERNETES}/linux/amd64/kube-scheduler`,
    `${GITHUB}/etcd-io/etcd/releases/download/v3.6.13/etcd-v3.6.13-linux-amd64.tar.gz`,
    `${GITHUB}/kubernetes-sigs/kwok/releases/download/v0.8.0/kwok-linux-amd64`,
    `${GITHUB}/kubernetes-sigs/kwok/releases/download/v0.8.0/kwokctl-linux-amd64`,
  ],
  "linux/arm64": [
    `${GITHUB}/pulumi/pulumi/releases/download/v3.259.0/pulumi-v3.259.0-linux-arm64.tar.gz`,
    `${GITHUB}/pulumi/pulumi-kubernetes/releases/download/v4.34.2/pulumi-resource-kubernetes-v4.34.2-linux-arm64.tar.gz`,
    `${KUBERNETES}/linux/arm64/kubectl`,
    `${KUBERNETES}/linux/arm64/kube-apiserver`,
    `${KUBERNETES}/linux/arm64/kube-controller-manager`,
    `${KUBERNETES}/linux/arm64/kube-scheduler`,
    `${GITHUB}/etcd-io/etcd/releases/download/v3.6.13/etcd-v3.6.13-linux-arm64.tar.gz`,
    `${GITHUB}/kubernetes-sigs/kwok/releases/download/v0.8.0/kwok-linux-arm64`,
    `${GITHUB}/kubernetes-sigs/kwok/releases/download/v0.8.0/kwokctl-linux-arm64`,
  ],
  "darwin/amd64": [
    `${GITHUB}/pulumi/pulumi/releases/download/v3.259.0/pulumi-v3.259.0-darwin-x64.tar.gz`,
    `${GITHUB}/pulumi/pulumi-kubernetes/releases/download/v4.34.2/pulumi-resource-kubernetes-v4.34.2-darwin-amd64.tar.gz`,
    `${KUBERNETES}/darwin/amd64/kubectl`,
    `${GITHUB}/etcd-io/etcd/releases/download/v3.6.13/etcd-v3.6.13-darwin-amd64.zip`,
  ],
  "darwin/arm64": [
    `${GITHUB}/pulumi/pulumi/releases/download/v3.259.0/pulumi-v3.259.0-darwin-arm64.tar.gz`,
    `${GITHUB}/pulumi/pulumi-kubernetes/releases/download/v4.34.2/pulumi-resource-kubernetes-v4.34.2-darwin-arm64.tar.gz`,
    `${KUBERNETES}/darwin/arm64/kubectl`,
    `${GITHUB}/etcd-io/etcd/releases/download/v3.6.13/etcd-v3.6.13-darwin-arm64.zip`,
    `${GITHUB}/kubernetes-sigs/kwok/releases/download/v0.8.0/kwok-darwin-arm64`,
    `${GITHUB}/kubernetes-sigs/kwok/releases/download/v0.8.0/kwokctl-darwin-arm64`,
  ],
};

const sources: readonly Source[] = Object.values(SOURCES);

describe("the release binaries", () => {
  for (const platform of PLATFORMS) {
    const files = sources.flatMap(({ files }) => files[platform] ?? []);
    it(`are these files for ${platform}`, () => {
      assert.deepEqual(
        files.map(({ url }) => url),
        URLS[platform],
      );
    });

    it(`have a digest each for ${platform}: in a file of the release, beside the file, or pinned`, () => {
      for (const { url, checksum } of files) {
        if ("pinned" in checksum) assert.match(checksum.pinned, /^[0-9a-f]{64}$/);
        else if ("digest" in checksum) assert.equal(checksum.digest, `${url}.sha256`);
        else
          assert.equal(
            checksum.list.slice(0, checksum.list.lastIndexOf("/")),
            url.slice(0, url.lastIndexOf("/")),
          );
      }
    });
  }

  it("are verified by these checksum files", () => {
    const lists = sources
      .flatMap(({ files }) => Object.values(files))
      .flatMap(({ checksum }) => ("list" in checksum ? [checksum.list] : []));
    assert.deepEqual(
      [...new Set(lists)],
      [
        `${GITHUB}/pulumi/pulumi/releases/download/v3.259.0/pulumi-3.259.0-checksums.txt`,
        `${GITHUB}/pulumi/pulumi-kubernetes/releases/download/v4.34.2/pulumi-kubernetes_4.34.2_checksums.txt`,
        `${GITHUB}/etcd-io/etcd/releases/download/v3.6.13/SHA256SUMS`,
      ],
    );
  });

  it("contain every tool for Linux, and the engine's tools for macOS", () => {
    const broughtOn = (platform: (typeof PLATFORMS)[number]): string[] =>
      sources.flatMap(({ files }) => Object.keys(files[platform]?.programs ?? {})).sort();
    for (const linux of ["linux/amd64", "linux/arm64"] as const) {
      assert.deepEqual(broughtOn(linux), [...TOOL_NAMES].sort());
    }
    for (const darwin of ["darwin/amd64", "darwin/arm64"] as const) {
      for (const tool of ENGINE_TOOLS) assert.ok(broughtOn(darwin).includes(tool), `${tool} on ${darwin}`);
    }
  });

  it("have the versions that Go builds, except for two", () => {
    const built = Object.fromEntries(
      Object.entries(BUILDS).map(([name, { steps }]) => [name, steps.map(({ version }) => version)]),
    );
    assert.deepEqual(built, {
      etcd: [RELEASES.etcd],
      kwok: [RELEASES.kwok],
      kubernetes: [RELEASES.kubernetes],
      node: [RELEASES.kubernetes],
      pulumi: [RELEASES.pulumi],
      "language-nodejs": ["3.68.0"],
      "kubernetes-provider": ["4.24.1-dev"],
    });
    assert.equal(RELEASES.kubernetesProvider, SDK_VERSION);
  });
});
