/** Proves the claims: sizes, classes and modes, which of them are created, and that a bound one is not changed. */
import assert from "node:assert/strict";
import { runStack } from "../support/stack";
import { changed, DEFAULT, defaults, KIND, manifest, podOf, unusual } from "../support/workload";

describe("PersistentVolumeClaims", () => {
  it("are the guide's, with the cluster's storage classes", async () => {
    const run = await defaults();
    assert.deepEqual(
      run.find(KIND.claim, "ralph-workspace").inputs,
      manifest(`
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata:
          name: ralph-workspace
          namespace: ralph-orchestrator
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
          annotations:
            ralph-orchestrator/size: 10Gi
            pulumi.com/waitFor: jsonpath={.metadata.annotations['ralph-orchestrator/size']}=10Gi
        spec:
          accessModes: [ReadWriteOnce]
          storageClassName: standard
          resources:
            requests:
              storage: 10Gi
      `),
    );
    assert.deepEqual(
      run.find(KIND.claim, "ralph-cache").inputs,
      manifest(`
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata:
          name: ralph-cache
          namespace: ralph-orchestrator
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
          annotations:
            ralph-orchestrator/size: 5Gi
            pulumi.com/waitFor: jsonpath={.metadata.annotations['ralph-orchestrator/size']}=5Gi
        spec:
          accessModes: [ReadWriteMany]
          storageClassName: standard-rwx
          resources:
            requests:
              storage: 5Gi
      `),
    );
  });

  const cases: [name: string, persistence: Record<string, unknown>, claims: string[]][] = [
    ["are none where persistence is off", { enabled: false }, []],
    [
      "have no cache where it is an emptyDir",
      { cache: { kind: "emptyDir" } },
      ["ralph-workspace ReadWriteOnce standard 10Gi"],
    ],
    [
      "have no workspace where one is there",
      { workspace: { existingClaim: "mine" } },
      ["ralph-cache ReadWriteMany standard-rwx 5Gi"],
    ],
    [
      "have no cache where one is there",
      { cache: { existingClaim: "mine" } },
      ["ralph-workspace ReadWriteOnce standard 10Gi"],
    ],
    [
      "have a shared workspace, of the cluster's class for that",
      { workspace: { accessMode: "ReadWriteMany", size: "1Ti" } },
      ["ralph-cache ReadWriteMany standard-rwx 5Gi", "ralph-workspace ReadWriteMany standard-rwx 1Ti"],
    ],
    [
      "have the classes and sizes that are configured",
      { storageClass: "fast", workspace: { size: "20Gi" }, cache: { storageClass: "nfs", size: "500Mi" } },
      ["ralph-cache ReadWriteMany nfs 500Mi", "ralph-workspace ReadWriteOnce fast 20Gi"],
    ],
  ];
  for (const [name, persistence, claims] of cases) {
    it(name, async () => {
      const run = await changed({ persistence });
      const made = run
        .ofType(KIND.claim)
        .map(({ inputs: { metadata, spec } }) =>
          [metadata.name, spec.accessModes, spec.storageClassName, spec.resources.requests.storage].join(" "),
        );
      assert.deepEqual(made.sort(), claims);
    });
  }

  it("hold the results of each run that has an output, and nothing else of it", async () => {
    const run = await changed({
      persistence: { enabled: false },
      tasks: [
        { name: "report", prompt: "task.md", output: {} },
        { name: "mine", prompt: "task.md", output: { existingClaim: "results" } },
        { name: "none", prompt: "task.md" },
      ],
      schedules: [
        {
          ...{ name: "hourly", schedule: "@hourly", prompt: "task.md" },
          output: { size: "2Gi", storageClass: "fast" },
        },
      ],
    });
    assert.deepEqual(
      run
        .ofType(KIND.claim)
        .map(({ name, inputs: { metadata, spec } }) =>
          [
            name,
            metadata.name,
            spec.accessModes,
            spec.storageClassName,
            spec.resources.requests.storage,
          ].join(" "),
        )
        .sort(),
      [
        "ralph-output-hourly hourly-output ReadWriteOnce fast 2Gi",
        "ralph-output-report report-output ReadWriteOnce standard 1Gi",
      ],
    );
    const volume = (kind: string, name: string) =>
      (podOf(run.find(kind, name)).spec.volumes as { name: string }[]).find((each) => each.name === "output");
    const holds = (claimName: string) => ({ name: "output", persistentVolumeClaim: { claimName } });
    assert.deepEqual(volume(KIND.job, "report"), holds("report-output"));
    assert.deepEqual(volume(KIND.job, "mine"), holds("results"));
    assert.deepEqual(volume(KIND.job, "none"), { name: "output", emptyDir: {} });
    assert.deepEqual(volume(KIND.cronJob, "hourly"), holds("hourly-output"));
    // A finished pod holds its claim: where that goes, the Job goes first.
    const annotation = (name: string): unknown =>
      run.find(KIND.job, name).inputs.metadata.annotations["ralph-orchestrator/claims"];
    assert.deepEqual(["report", "mine", "none"].map(annotation), ["report-output", "results", ""]);
  });

  it("keep mode and class once they are bound, with a warning, and accept a new size", async () => {
    const run = await runStack({
      config: { ...DEFAULT, persistence: { storageClass: "fast", workspace: { size: "20Gi" } } },
      outputs: (type, { metadata }) =>
        type === KIND.claim && (metadata as { name: string }).name === "ralph-workspace"
          ? { spec: { accessModes: ["ReadWriteOnce"], storageClassName: "standard" } }
          : undefined,
    });
    const { ignoreChanges, inputs } = run.find(KIND.claim, "ralph-workspace");
    assert.deepEqual(ignoreChanges, ["spec.accessModes", "spec.storageClassName"]);
    assert.equal(inputs.spec.resources.requests.storage, "20Gi");
    assert.deepEqual(unusual(run.warnings), [
      "ralph-workspace stays ReadWriteOnce on standard; ReadWriteOnce on fast needs a new claim: copy the data, then set existingClaim.",
    ]);
  });
});
