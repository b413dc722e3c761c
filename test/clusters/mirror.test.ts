/**
 * Proves that with a registry of the user's no image that the program itself names comes from another one. What the chart
 * makes of `global.imageRegistry` is in its templates:
 * https://github.com/prometheus-community/helm-charts/blob/main/charts/kube-prometheus-stack/templates/prometheus-operator/deployment.yaml
 */
import assert from "node:assert/strict";
import { CERTIFICATE } from "../support/certificate";
import { PUBLIC, run as runEks, withProgram } from "../support/eks";

const REGISTRY = "registry.corp.example.com/mirror";

describe("a registry with copies of the images", () => {
  withProgram();

  it("is where every image of a stack comes from", async () => {
    const run = await runEks(PUBLIC, {
      image: { registry: REGISTRY },
      trustedCA: { certificates: CERTIFICATE },
      smoke: { enabled: true },
      monitoring: { install: "kube-prometheus-stack" },
    });
    const images = run.resources.flatMap(({ inputs }) => imagesOf(inputs));
    assert.deepEqual([...new Set(images)].sort(), [
      `${REGISTRY}/autoscaling/cluster-autoscaler:v1.35.1`,
      `${REGISTRY}/mikeyobrien/ralph-orchestrator:v1.0.0`,
    ]);
    const { values } = run.find("kubernetes:helm.sh/v4:Chart", "kube-prometheus-stack").inputs;
    assert.deepEqual(values.global, { imageRegistry: REGISTRY });
  });
});

/** The images of containers anywhere in an object. */
function imagesOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "image" && typeof inner === "string" ? [inner] : imagesOf(inner),
  );
}
