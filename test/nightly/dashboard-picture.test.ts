/**
 * Proves that docs/dashboard.svg can be drawn again: each panel of today's dashboard has data from real workers under a real
 * Prometheus, through an outage, and the picture names nothing of the machine. (That the picture in the docs has today's
 * panels, on every push: test/workload/dashboard.test.ts.)
 */
import assert from "node:assert/strict";
import { hostname, tmpdir } from "node:os";

import { shownIn } from "./dashboard/picture";
import { type Picture, pictureOrSkip } from "./dashboard/take";

describe("the picture of the dashboard", () => {
  let picture: Picture;
  before(async function () {
    picture = await pictureOrSkip(this);
  });

  it("has data in every panel", () => {
    const { answers, ever, svg } = picture;
    assert.ok(answers.length > 10);
    for (const { panel, lines } of answers) {
      const values = lines.flatMap(({ points }) => points.filter(([, value]) => value !== undefined));
      const enough = panel.type === "stat" ? 1 : 60;
      if (panel.fieldConfig.defaults.noValue === undefined) assert.ok(values.length >= enough, panel.title);
      else assert.ok(ever.get(panel.title)?.length, `${panel.title} has never had a value`);
    }
    assert.deepEqual(
      shownIn(svg).map(({ title }) => title),
      answers.map(({ panel }) => panel.title),
    );
  });

  it("shows what has happened: runs that end well and badly, an outage, costs, pushes", () => {
    const last = (title: string, name: string): number => {
      const line = picture.answers
        .find(({ panel }) => panel.title === title)
        ?.lines.find((each) => each.name === name);
      return Math.max(...(line?.points ?? []).map(([, value]) => value ?? 0));
    };
    assert.ok(last("Prompts", "completed") >= 5);
    assert.ok(last("Finished runs per hour", "limit") >= 1);
    assert.ok(last("Finished runs per hour", "unavailable") >= 1);
    assert.ok(last("Cost, 24 h", "") > 1);
    assert.ok(last("Pushes per hour", "success") >= 1);
  });

  it("names nothing of this machine", () => {
    for (const text of [hostname(), tmpdir(), process.cwd(), "127.0.0.1"])
      assert.ok(!picture.svg.includes(text), text);
  });
});
