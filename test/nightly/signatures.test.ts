/**
 * Proves with the real cosign, and a real registry on loopback, what the signature of an image is worth: the signed digest
 * is accepted, and refused are another image of the same repository, one to which the signature was moved, and a signature
 * by another key. Certificates of Sigstore need its servers: a pair of keys takes their place. The version is the one
 * that actions/cosign installs; programs that are not installed are skipped.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { run } from "../../lib/process";
import { REPOSITORY } from "../../lib/repository";
import { freePort } from "../engine/support/prometheus";
import { until } from "../engine/support/until";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const CONFIG = "application/vnd.oci.image.config.v1+json";

const isInstalled = async (program: string): Promise<boolean> =>
  (await run("/bin/sh", ["-c", 'command -v "$0"', program])).code === 0;
const digestOf = (text: string): string => `sha256:${createHash("sha256").update(text).digest("hex")}`;

interface Manifest {
  readonly subject: { readonly digest: string };
}

describe("the signature of an image", function () {
  this.timeout("120s");
  let dir: string;
  let registry: ChildProcess | undefined;
  let host: string;
  let signed: string;
  before(async function () {
    if (!(await isInstalled("cosign")) || !(await isInstalled("registry"))) this.skip();
    dir = mkdtempSync(join(tmpdir(), "signatures-"));
    const port = await freePort();
    host = `127.0.0.1:${port}`;
    registry = spawn("registry", ["-port", String(port)], { stdio: "ignore" });
    await until("the registry answers", () =>
      fetch(`http://${host}/v2/`)
        .then(() => true)
        .catch(() => false),
    );
    for (const key of ["own", "other"])
      assert.equal((await cosign("generate-key-pair", `--output-key-prefix=${key}`)).code, 0);
    signed = await push("first");
    await sign(signed, "own");
  });
  after(() => {
    registry?.kill();
    if (dir !== undefined) rmSync(dir, { recursive: true });
  });

  const cosign = (...words: readonly string[]) =>
    run("cosign", words, { cwd: dir, env: { PATH: process.env.PATH, HOME: dir, COSIGN_PASSWORD: "" } });
  const at = (digest: string): string => `${host}/ralph-runner@${digest}`;
  const verify = (digest: string) =>
    cosign("verify", "--key=own.pub", "--insecure-ignore-tlog=true", at(digest));

  async function sign(digest: string, key: string): Promise<void> {
    const offline = ["--use-signing-config=false", "--tlog-upload=false"];
    const { code, stderr } = await cosign("sign", "--yes", `--key=${key}.key`, ...offline, at(digest));
    assert.equal(code, 0, stderr);
  }

  async function put(path: string, type: string, body: string): Promise<void> {
    const { status } = await fetch(path, { method: "PUT", headers: { "content-type": type }, body });
    assert.equal(status, 201, path);
  }
  const url = (path: string): string => `http://${host}/v2/ralph-runner/${path}`;

  /** @returns the digest of an image that differs by this author */
  async function push(author: string): Promise<string> {
    const config = JSON.stringify({
      author,
      architecture: "amd64",
      os: "linux",
      rootfs: { type: "layers", diff_ids: [] },
    });
    const started = await fetch(url("blobs/uploads/"), { method: "POST" });
    const upload = new URL(started.headers.get("location") ?? "", `http://${host}`);
    upload.searchParams.set("digest", digestOf(config));
    await put(upload.href, "application/octet-stream", config);
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: CONFIG, digest: digestOf(config), size: config.length },
      layers: [],
    });
    await put(url(`manifests/${digestOf(manifest)}`), MANIFEST, manifest);
    return digestOf(manifest);
  }

  it("is made by the version that the workflows install", async () => {
    const { stdout } = await cosign("version");
    const action = readFileSync(join(REPOSITORY, ".github/actions/cosign/action.yml"), "utf8");
    const [, pinned] = /cmd\/cosign@(v[\d.]+)/.exec(action) ?? [];
    // Built in another module, it does not know its version.
    const [, own] = /^GitVersion:\s+(\S+)$/m.exec(stdout) ?? [];
    assert.ok(own === pinned || own === "devel", own);
  });

  it("is accepted for the digest that was signed", async () => {
    const { code, stdout, stderr } = await verify(signed);
    assert.equal(code, 0, stderr);
    assert.ok(stdout.includes(signed));
  });

  it("is missing on another image of the repository", async () => {
    const { code, stderr } = await verify(await push("second"));
    assert.notEqual(code, 0);
    assert.match(stderr, /no (matching )?signatures/);
  });

  it("is refused on an image to which it was moved", async () => {
    const other = await push("third");
    const index = (await (await fetch(url(`manifests/${signed.replace(":", "-")}`))).json()) as {
      manifests: { digest: string }[];
    };
    const [own] = index.manifests;
    const manifest = (await (await fetch(url(`manifests/${own?.digest}`))).json()) as Manifest;
    assert.equal(manifest.subject.digest, signed);
    const moved = JSON.stringify({ ...manifest, subject: { ...manifest.subject, digest: other } });
    await put(url(`manifests/${digestOf(moved)}`), MANIFEST, moved);
    const tag = JSON.stringify({
      ...index,
      manifests: [{ ...own, digest: digestOf(moved), size: moved.length }],
    });
    await put(url(`manifests/${other.replace(":", "-")}`), "application/vnd.oci.image.index.v1+json", tag);
    const { code, stderr } = await verify(other);
    assert.notEqual(code, 0, "accepted");
    assert.match(stderr, /no matching signatures|does not match|failed to verify/);
  });

  it("by another key is refused", async () => {
    const other = await push("fourth");
    await sign(other, "other");
    const { code, stderr } = await verify(other);
    assert.notEqual(code, 0);
    assert.match(stderr, /no matching signatures|invalid signature|failed to verify/);
  });
});
