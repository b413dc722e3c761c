import { prometheusOrSkip } from "../../engine/support/prometheus";
import { ralphOrSkip } from "../../engine/support/runner";
import { GitServer } from "../../engine/support/sshd";
import { findECharts } from "./echarts";
import { answer, type Answered, dashboardOfToday, draw } from "./picture";
import { record, type Series } from "./recording";

export interface Picture {
  readonly svg: string;
  readonly answers: readonly Answered[];
  /** What the panels for numbers would have shown at any time. */
  readonly ever: ReadonlyMap<string, readonly Series[]>;
}

/** A picture of the dashboard from a new recording. */
export async function pictureOrSkip(test: Mocha.Context): Promise<Picture> {
  const ralph = await ralphOrSkip(test);
  const programs = await prometheusOrSkip(test);
  const echarts = await findECharts();
  if (typeof echarts === "string") {
    console.log(`      skipped: ${echarts}`);
    return test.skip();
  }
  const git = await GitServer.startOrSkip(test);
  try {
    const { title, panels } = await dashboardOfToday();
    const recording = await record(ralph, programs, git);
    try {
      const answers = await Promise.all(panels.map((panel) => answer(panel, recording)));
      const ever = new Map<string, readonly Series[]>();
      for (const panel of panels)
        for (const { expr } of panel.targets)
          ever.set(
            panel.title,
            await recording.query("query_range", {
              query: expr,
              start: recording.from,
              end: recording.to,
              step: 60,
            }),
          );
      return { svg: draw(echarts, title, answers), answers, ever };
    } finally {
      await recording.stop();
    }
  } finally {
    await git.stop();
  }
}
