/**
 * Proves what a new image changes in the files of stacks: repository and digest, and nothing else, in every committed file;
 * the configuration stays valid, and the reference that deploy.yml verifies is the one that pods get.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";

import { committedStacks } from "../../ci/comment";
import { pinned } from "../../ci/pin-image";
import { pinnedImage } from "../../ci/pinned-image";
import { ToolError } from "../../lib/errors";
import { REPOSITORY } from "../../lib/repository";
import { workloadObjects } from "../../operations/render/objects";
import { readStackConfig } from "../../operations/render/stack-config";

const REPOSITORY_OF_IMAGE = "ghcr.io/octo/ralph/ralph-runner";
const image = (digit: string): string => `${REPOSITORY_OF_IMAGE}@sha256:${digit.repeat(64)}`;
/** What each committed file leaves open. */
const SETTINGS: Readonly<Record<string, string>> = {
  gke: "\n  gcp:project: acme-agents\n",
  aks: "\n  azure-native:subscriptionId: 00000000-0000-0000-0000-000000000001\n",
};

interface Stack {
  readonly config: Readonly<Record<string, unknown>>;
}
const committed = (stack: string): string => readFileSync(join(REPOSITORY, `Pulumi.${stack}.yaml`), "utf8");

describe("an image in the file of a stack", () => {
  for (const stack of committedStacks(REPOSITORY)) {
    it(`${stack}: sets repository and digest, and leaves the rest as it is`, () => {
      const text = pinned("file", committed(stack), image("a"));
      const { config: before } = parse(committed(stack)) as Stack;
      const { config: after } = parse(text) as Stack;
      const ofImage = { repository: REPOSITORY_OF_IMAGE, digest: `sha256:${"a".repeat(64)}` };
      assert.deepEqual(after, { ...before, "ralph:image": ofImage });
      const lines = new Set(text.split("\n"));
      const gone = committed(stack)
        .split("\n")
        .filter((line) => !lines.has(line));
      assert.deepEqual(
        gone.filter((line) => !/build: true|# No image of Ralph is published/.test(line)),
        [],
      );
    });

    it(`${stack}: the next one replaces it, and changes the digest alone`, () => {
      const once = pinned("file", committed(stack), image("a"));
      assert.equal(pinned("file", once, image("b")), once.replace("a".repeat(64), "b".repeat(64)));
    });
  }

  it("takes the place of a tag", () => {
    const text =
      "config:\n  ralph:image:\n    registry: mirror.example.com\n    tag: v1\n    pullPolicy: Always\n";
    assert.deepEqual(parse(pinned("file", text, image("a"))), {
      config: {
        "ralph:image": {
          registry: "mirror.example.com",
          pullPolicy: "Always",
          repository: REPOSITORY_OF_IMAGE,
          digest: `sha256:${"a".repeat(64)}`,
        },
      },
    });
  });

  it("is refused without a digest, and for a stack with a build of its own", () => {
    assert.throws(() => pinned("file", "config: {}", `${REPOSITORY_OF_IMAGE}:v1`), ToolError);
    assert.throws(
      () =>
        pinned(
          "Pulumi.gke.yaml",
          "config:\n  ralph:image:\n    build: true\n    agents: [codex]\n",
          image("a"),
        ),
      /^ToolError: Pulumi\.gke\.yaml: ralph:image\.agents .* default of its argument in runner\/Dockerfile\.$|^Error/,
    );
  });
});

describe("the image that deploy.yml verifies", () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "pin-"))));
  afterEach(() => rmSync(dir, { recursive: true }));

  it("is the one that the pods of the stack get", async () => {
    const file = join(dir, "Pulumi.gke.yaml");
    writeFileSync(file, pinned("file", committed("gke"), image("a")).trimEnd() + SETTINGS.gke);
    const objects = await workloadObjects("gke", readStackConfig(file));
    const [deployment] = objects.filter(({ kind }) => kind === "Deployment") as unknown as [
      { spec: { template: { spec: { containers: { image: string }[] } } } },
    ];
    assert.equal(deployment.spec.template.spec.containers[0]?.image, pinnedImage("gke", dir));
  });

  for (const [what, config] of [
    ["builds it", "{ build: true }"],
    ["names it by a tag", `{ repository: ${REPOSITORY_OF_IMAGE}, tag: v1 }`],
    ["has the default one", "{}"],
  ])
    it(`is missing if the stack ${what}`, () => {
      writeFileSync(join(dir, "Pulumi.gke.yaml"), `config:\n  ralph:image: ${config}\n`);
      assert.throws(
        () => pinnedImage("gke", dir),
        /Pulumi\.gke\.yaml pins no image.* Run image\.yml and merge its pull request/,
      );
    });
});
