/** Proves which tools are downloaded and how failures are reported, against a mirror on loopback. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { downloadFolder, findDownloaded } from "../../../../local/tools/download/downloaded";
import type { Limits } from "../../../../local/tools/download/fetch";
import { mirrored } from "../../../../local/tools/download/mirror";
import { obtain, type Obtained } from "../../../../local/tools/download/obtain";
import { type Platform, PLATFORMS, SOURCES } from "../../../../local/tools/download/sources";
import { CONTROL_PLANE_TOOLS, ENGINE_TOOLS, type Tool } from "../../../../local/tools/pins";
import { Mirror, program } from "../../../support/mirror";
import { environment } from "../../../support/environment";

const LIMITS: Limits = { connect: 300, answer: 300, stall: 300, pause: 1, attempts: 3, redirects: 5 };
const LINUX = "linux/amd64";

describe("obtaining tools", () => {
  let mirror: Mirror;
  let cache: string;
  let said: string;
  const restore = environment();
  const write = process.stderr.write.bind(process.stderr);
  beforeEach(async () => {
    mirror = await new Mirror().start();
    cache = mkdtempSync(join(tmpdir(), "obtain-"));
    process.env.RALPH_TOOLS_MIRROR = mirror.address;
    process.env.RALPH_TOOLS_CACHE = cache;
    said = "";
  });
  afterEach(async () => {
    restore();
    await mirror.stop();
    rmSync(cache, { recursive: true });
  });

  /** Captures the progress. */
  const quietly = async <T>(work: () => Promise<T>): Promise<T> => {
    process.stderr.write = ((text: string) => (said += text) !== "") as typeof process.stderr.write;
    try {
      return await work();
    } finally {
      process.stderr.write = write;
    }
  };
  const get = (tools: readonly Tool[], platform: Platform = LINUX): Promise<Obtained> =>
    quietly(() => obtain(tools, platform, LIMITS));
  const left = (): string[] =>
    existsSync(join(cache, "downloads")) ? readdirSync(join(cache, "downloads")) : [];

  for (const platform of PLATFORMS) {
    it(`downloads the engine's tools from the publishers' files for ${platform}`, async () => {
      for (const name of ["pulumi", "kubernetes-provider", "kubectl"] as const)
        await mirror.publish(name, platform);
      const { found, failures } = await get(ENGINE_TOOLS, platform);
      assert.deepEqual(failures, []);
      assert.deepEqual([...found.keys()].sort(), [...ENGINE_TOOLS].sort());
      for (const [tool, path] of found) {
        assert.equal(readFileSync(path, "utf8"), program(tool));
        assert.equal(execFileSync(path, { encoding: "utf8" }), `${tool} of the mirror\n`);
      }
      assert.deepEqual(left(), [
        `kubectl-1.34.4-${platform.replace("/", "-")}`,
        `kubernetes-provider-4.34.2-${platform.replace("/", "-")}`,
        `pulumi-3.259.0-${platform.replace("/", "-")}`,
      ]);
      assert.deepEqual(readdirSync(downloadFolder("pulumi", platform)), ["pulumi", "pulumi-language-nodejs"]);
    });
  }

  it("unpacks etcd from a zip, as published for macOS", async () => {
    await mirror.publish("etcd", "darwin/arm64");
    const { found } = await get(["etcd"], "darwin/arm64");
    assert.equal(execFileSync(found.get("etcd") ?? "", { encoding: "utf8" }), "etcd of the mirror\n");
  });

  it("reports each download in bytes, and the folder", async () => {
    await mirror.publish("etcd", LINUX);
    await get(["etcd"]);
    assert.match(
      said,
      /^Downloading etcd 3\.6\.13 from http:\/\/127\.0\.0\.1:\d+\. Once; Ctrl-C is safe\.$/m,
    );
    assert.match(said, /^\[1\/1\] etcd 3\.6\.13 done in 0 s, 0\.0 of 0\.0 MB$/m);
    assert.match(said, new RegExp(`^Downloaded into ${cache} in 0 s$`, "m"));
  });

  it("downloads once: a second run sends no request", async () => {
    await mirror.publish("etcd", LINUX);
    const { found } = await get(["etcd"]);
    const asked = mirror.requests.length;
    assert.deepEqual(findDownloaded(["etcd", "kubectl"], LINUX), found);
    assert.equal(mirror.requests.length, asked);
  });

  it("downloads once if two runs start at the same time", async () => {
    await mirror.publish("etcd", LINUX);
    const [one, other] = await quietly(() =>
      Promise.all([obtain(["etcd"], LINUX, LIMITS), obtain(["etcd"], LINUX, LIMITS)]),
    );
    assert.deepEqual(one, other);
    assert.equal(mirror.requests.filter((path) => path.endsWith(".tar.gz")).length, 1);
    assert.deepEqual(left(), ["etcd-3.6.13-linux-amd64"]);
  });
  it("resumes what an interrupted run left", async () => {
    const { url } = await mirror.publish("kubectl", LINUX);
    mkdirSync(join(cache, "downloads"));
    writeFileSync(`${downloadFolder("kubectl", LINUX)}.partial`, program("kubectl").slice(0, 10));
    const { found } = await get(["kubectl"]);
    assert.equal(readFileSync(found.get("kubectl") ?? "", "utf8"), program("kubectl"));
    assert.ok(mirror.requests.includes(`${Mirror.pathOf(url)} bytes=10-`));
  });

  it("rejects a wrong checksum: keeps nothing, and names the file, the expected and the actual digest", async () => {
    const wrong = "0".repeat(64);
    const { url } = await mirror.publish("kubectl", LINUX, { digest: wrong });
    await mirror.publish("etcd", LINUX);
    const { found, failures } = await get(["kubectl", "etcd"]);
    assert.deepEqual([...found.keys()], ["etcd"]);
    assert.equal(failures.length, 1);
    assert.deepEqual(failures[0]?.tools, ["kubectl"]);
    assert.match(
      failures[0]?.reason ?? "",
      new RegExp(
        `^wrong checksum of ${mirrored(url)}, which was deleted: expected SHA-256 ${wrong}, got [0-9a-f]{64}$`,
      ),
    );
    assert.deepEqual(left(), ["etcd-3.6.13-linux-amd64"]);
  });

  it("rejects a kwok other than the pinned one", async () => {
    await mirror.publish("kwok", LINUX);
    const { found, failures } = await get(["kwok"]);
    assert.equal(found.size, 0);
    assert.match(
      failures[0]?.reason ?? "",
      /kwok-linux-amd64, which was deleted: expected SHA-256 f5a4385a2ae1b9dd/,
    );
    assert.deepEqual(left(), []);
  });

  it("rejects an archive without the program", async () => {
    await mirror.publish("etcd", LINUX, { programs: { etcdctl: "etcd-v3.6.13-linux-amd64/etcdctl" } });
    const { found, failures } = await get(["etcd"]);
    assert.equal(found.size, 0);
    assert.deepEqual(failures, [
      {
        tools: ["etcd"],
        reason: "etcd-v3.6.13-linux-amd64.tar.gz does not contain etcd-v3.6.13-linux-amd64/etcd",
      },
    ]);
    assert.deepEqual(left(), []);
  });

  it("does not download a file that the checksum file does not list", async () => {
    const { checksum } = await mirror.publish("etcd", LINUX);
    assert.ok("list" in checksum);
    mirror.put(Mirror.pathOf(checksum.list), `${"0".repeat(64)}  other.tar.gz\n`);
    const { failures } = await get(["etcd"]);
    assert.match(
      failures[0]?.reason ?? "",
      /SHA256SUMS has no SHA-256 of etcd-v3\.6\.13-linux-amd64\.tar\.gz$/,
    );
    assert.equal(mirror.requests.length, 1);
  });

  it("reports a missing release with its URL", async () => {
    const { found, failures } = await get(["etcd", "kubectl"]);
    assert.equal(found.size, 0);
    assert.deepEqual(failures, [
      {
        tools: ["kubectl"],
        reason: `${mirror.address}/dl.k8s.io/release/v1.34.4/bin/linux/amd64/kubectl.sha256 responded 404`,
      },
      {
        tools: ["etcd"],
        reason: `${mirror.address}/github.com/etcd-io/etcd/releases/download/v3.6.13/SHA256SUMS responded 404`,
      },
    ]);
    assert.equal(said, "");
  });

  it("fails without a network: quickly, with one reason for all tools and no output", async () => {
    await mirror.stop();
    const began = Date.now();
    const { found, failures } = await get([...ENGINE_TOOLS, ...CONTROL_PLANE_TOOLS.slice(1)]);
    assert.ok(Date.now() - began < 2_000);
    assert.equal(found.size, 0);
    assert.equal(failures.length, 1);
    assert.match(failures[0]?.reason ?? "", /^127\.0\.0\.1:\d+ cannot be reached \(connection refused\)$/);
    assert.equal(failures[0]?.tools.length, 10);
    assert.equal(said, "");
    assert.deepEqual(left(), []);
    mirror = await new Mirror().start();
  });

  it("reports tools that are not published for the platform", async () => {
    for (const name of ["kubectl", "etcd"] as const) await mirror.publish(name, "darwin/amd64");
    const { found, failures } = await get(CONTROL_PLANE_TOOLS, "darwin/amd64");
    assert.deepEqual([...found.keys()].sort(), ["etcd", "kubectl"]);
    assert.deepEqual(failures, [
      {
        tools: ["kube-apiserver", "kube-controller-manager", "kube-scheduler"],
        reason: "Kubernetes publishes its servers for Linux only",
      },
      {
        tools: ["kwok", "kwokctl"],
        reason: "kwok publishes no checksums, and no digest is pinned for this platform",
      },
    ]);
  });

  it("ignores tools that only this repository has", async () => {
    assert.deepEqual(await get(["kubelet", "volume-driver"]), { found: new Map(), failures: [] });
  });

  it("maps a URL to the mirror: its URL, the publisher's host, the path", () => {
    const { url } = SOURCES.etcd.files[LINUX] ?? assert.fail();
    const path = "github.com/etcd-io/etcd/releases/download/v3.6.13/etcd-v3.6.13-linux-amd64.tar.gz";
    assert.equal(mirrored(url, "https://mirror.example/tools/"), `https://mirror.example/tools/${path}`);
    assert.equal(mirrored(url, "http://mirror.example"), `http://mirror.example/${path}`);
    assert.equal(mirrored(url, ""), `https://${path}`);
    assert.throws(
      () => mirrored(url, "mirror.example"),
      /RALPH_TOOLS_MIRROR is not an http or https URL: mirror\.example/,
    );
  });
});
