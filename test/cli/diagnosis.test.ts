/** Proves how the doctor's report reads. */
import assert from "node:assert/strict";

import { diagnosisText } from "../../cli/reports/diagnosis";

describe("the doctor's report", () => {
  it("prints each problem, its commands, and where to read on", () => {
    const finding = { object: "Pod a", what: "OOMKilled", cause: "Too little memory.", fix: ["pulumi up"] };
    const text = diagnosisText({
      server: "https://server",
      namespace: "ralph",
      checks: 2,
      findings: [
        { check: "memory", ...finding, runbook: "docs/monitoring.md#ralphmemoryhigh" },
        { check: "nodes", ...finding },
      ],
      unseen: [],
    });
    assert.equal(
      text,
      `memory: Pod a
  OOMKilled
  Too little memory.
    pulumi up
  See docs/monitoring.md#ralphmemoryhigh

nodes: Pod a
  OOMKilled
  Too little memory.
    pulumi up

Namespace ralph at https://server: 2 checks, 2 problems.`,
    );
  });
});
