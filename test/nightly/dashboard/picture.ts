import { createHash } from "node:crypto";

import { changed, KIND } from "../../support/workload";
import type { ECharts } from "./echarts";
import type { Recording, Series } from "./recording";
import { HOURS } from "./time";

/** A panel of the program's dashboard, as in its ConfigMap. */
export interface Panel {
  readonly title: string;
  readonly type: "stat" | "timeseries";
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig: { readonly defaults: { readonly unit: string; readonly noValue?: string } };
  readonly targets: readonly { readonly expr: string; readonly legendFormat?: string }[];
}

interface Dashboard {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** The dashboard that the program renders by default. */
export async function dashboardOfToday(): Promise<Dashboard> {
  const { data } = (await changed({})).find(KIND.configMap, "ralph-dashboard").inputs;
  return JSON.parse(Object.values(data as Record<string, string>)[0] ?? "") as Dashboard;
}

export interface Drawn {
  readonly title: string;
  /** Of its queries. */
  readonly queries: string;
}

/** What the picture says of itself, to be compared with the dashboard. */
export const drawnOf = ({ title, targets }: Panel): Drawn => ({
  title,
  queries: createHash("sha256")
    .update(targets.map(({ expr }) => expr).join("\n"))
    .digest("hex")
    .slice(0, 12),
});

/** The panels of a picture. */
export const shownIn = (svg: string): Drawn[] =>
  JSON.parse(
    (/<metadata>(.*)<\/metadata>/.exec(svg)?.[1] ?? "").replace(/&#(\d+);/g, (_, code) =>
      String.fromCharCode(Number(code)),
    ),
  ) as Drawn[];

interface Line {
  readonly name: string;
  /** A point without a value is a gap. */
  readonly points: readonly (readonly [hours: number, value: number | undefined])[];
}

export interface Answered {
  readonly panel: Panel;
  readonly lines: readonly Line[];
}

/** Seconds between two points of a line. */
const STEP = 240;

/** Asks each panel's queries as Grafana does: at the end for a number, over the whole time for lines. */
export async function answer(panel: Panel, { from, to, query }: Recording): Promise<Answered> {
  const found = await Promise.all(
    panel.targets.map(async ({ expr, legendFormat }) => {
      const series =
        panel.type === "stat"
          ? await query("query", { query: expr, time: to })
          : await query("query_range", { query: expr, start: from, end: to, step: STEP });
      return series.map((each) => ({ name: named(each, legendFormat), points: points(each, from) }));
    }),
  );
  return { panel, lines: found.flat() };
}

function points({ value, values }: Series, from: number): Line["points"] {
  const all = values ?? (value === undefined ? [] : [value]);
  return all.flatMap(([seconds, text], i): Line["points"] => {
    const number = Number(Number(text).toPrecision(3));
    const hours = Math.round((seconds - from) / 36) / 100;
    const before = all[i - 1]?.[0] ?? seconds;
    return [
      ...(seconds - before > STEP ? [[hours, undefined] as const] : []),
      [hours, Number.isFinite(number) ? number : undefined],
    ];
  });
}

const named = ({ metric }: Series, legend = ""): string =>
  legend.replace(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? "");

/** Pixels. */
const COLUMN = 50;
const ROW = 30;
const GAP = 8;
const TOP = 48;
const TITLE = 24;
const LEGEND_ROW = 15;
const FONT = "-apple-system,Segoe UI,Helvetica,Arial,sans-serif";
const COLORS = ["#3274d9", "#56a64b", "#e0b400", "#e02f44", "#a352cc", "#ff780a", "#00a6a6", "#8d6e63"];

const UNITS: Readonly<Record<string, (value: number) => string>> = {
  currencyUSD: (value) => `$${value.toFixed(2)}`,
  percentunit: (value) => `${Math.round(value * 1000) / 10}%`,
  s: (value) => (value < 90 ? `${Math.round(value)} s` : `${Math.round(value / 6) / 10} min`),
  short: (value) =>
    value >= 1e6 ? `${round(value / 1e6)} M` : value >= 1e3 ? `${round(value / 1e3)} k` : round(value),
};
const round = (value: number): string => String(Number(value.toPrecision(3)));
const formatOf = ({ fieldConfig }: Panel): ((value: number) => string) =>
  UNITS[fieldConfig.defaults.unit] ?? round;

/** One picture with every panel at its place. */
export function draw(echarts: ECharts, title: string, answers: readonly Answered[]): string {
  const bottom = Math.max(...answers.map(({ panel: { gridPos } }) => gridPos.y + gridPos.h));
  const [width, height] = [24 * COLUMN + GAP, TOP + bottom * ROW + GAP];
  const drawn = JSON.stringify(answers.map(({ panel }) => drawnOf(panel)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="${FONT}">`,
    `<metadata>${escaped(drawn)}</metadata>`,
    `<rect width="${width}" height="${height}" rx="6" fill="#f4f5f5"/>`,
    `<text x="${GAP * 2}" y="31" font-size="18" font-weight="600" fill="#24292e">${escaped(title)}</text>`,
    ...answers.map((each) => placed(echarts, each)),
    "</svg>",
    "",
  ].join("\n");
}

function placed(echarts: ECharts, { panel, lines }: Answered): string {
  const { x, y, w, h } = panel.gridPos;
  const [width, height] = [w * COLUMN - GAP, h * ROW - GAP];
  const body =
    panel.type === "stat" ? number(panel, lines, width, height) : chart(echarts, panel, lines, width, height);
  return [
    `<svg x="${x * COLUMN + GAP}" y="${TOP + y * ROW}" width="${width}" height="${height}">`,
    `<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="3" fill="#fff" stroke="#dcdee0"/>`,
    `<text x="10" y="20" font-size="13" font-weight="600" fill="#24292e">${escaped(panel.title)}</text>`,
    body,
    "</svg>",
  ].join("\n");
}

function number(panel: Panel, lines: readonly Line[], width: number, height: number): string {
  const values = lines.map(({ name, points: [point] }) =>
    `${name} ${formatOf(panel)(point?.[1] ?? 0)}`.trim(),
  );
  const text = values.join(", ") || (panel.fieldConfig.defaults.noValue ?? "No data");
  const size = text.length > 8 ? 24 : 32;
  return `<text x="${width / 2}" y="${height / 2 + 22}" font-size="${size}" font-weight="600" text-anchor="middle" fill="#56a64b">${escaped(text)}</text>`;
}

function chart(
  echarts: ECharts,
  panel: Panel,
  lines: readonly Line[],
  width: number,
  height: number,
): string {
  const format = formatOf(panel);
  const text = { fontSize: 11, color: "#57606a", fontFamily: FONT };
  const names = [...new Set(lines.map(({ name }) => name))];
  const { rows, svg } = legend(names, width, height);
  const image = echarts.init(null, null, { renderer: "svg", ssr: true, width, height: height - TITLE });
  const top = Math.max(...lines.flatMap(({ points: all }) => all.map(([, value]) => value ?? 0)));
  image.setOption({
    animation: false,
    color: COLORS,
    grid: { left: 58, right: 16, top: 10, bottom: 28 + rows * LEGEND_ROW },
    xAxis: {
      type: "value",
      min: 0,
      max: HOURS,
      interval: 1,
      axisLabel: { ...text, formatter: (hours: number) => `${hours} h` },
      axisLine: { lineStyle: { color: "#c7ccd1" } },
      axisTick: { show: false },
      splitLine: { show: false },
    },
    yAxis: {
      type: "value",
      min: 0,
      ...scale(panel.fieldConfig.defaults.unit, top),
      axisLabel: { ...text, formatter: format },
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: "#eceef0" } },
    },
    series: names.map((name) => ({
      name,
      type: "line",
      silent: true,
      showSymbol: false,
      lineStyle: { width: 1.5 },
      // Several pods may have had one name after another.
      data: lines
        .filter((line) => line.name === name)
        .flatMap(({ points: all }) => [[all[0]?.[0], undefined], ...all]),
    })),
  });
  const drawn = image.renderToSVGString();
  image.dispose();
  return (
    drawn
      .replace(/^<svg /, `<svg y="${TITLE}" `)
      .replace(/<rect[^>]*fill="none"[^>]*><\/rect>\n?/, "")
      .replace(/\d+\.\d{2,}/g, (digits) => String(Math.round(Number(digits) * 10) / 10)) + svg
  );
}

/** Steps of an axis that are whole in the unit of its labels. */
function scale(unit: string, top: number): object {
  if (unit === "percentunit") return top > 0.6 ? { max: 1, interval: 0.25 } : { splitNumber: 4 };
  if (unit !== "s") return { splitNumber: 4 };
  const interval = [60, 300, 600, 900, 1200, 1800].find((each) => each * 5 >= top) ?? 3600;
  return { interval, max: Math.ceil(top / interval) * interval };
}

/** Names below a chart, in two rows at most. */
function legend(names: readonly string[], width: number, height: number): { rows: number; svg: string } {
  const rows: string[][] = [[]];
  let x = 12;
  for (const [i, name] of names.entries()) {
    const space = 26 + name.length * 6;
    if (x + space > width && x > 12) {
      if (rows.length === 2) break;
      rows.push([]);
      x = 12;
    }
    const y = (rows.length - 1) * LEGEND_ROW;
    rows[rows.length - 1]?.push(
      `<rect x="${x}" y="${y - 5}" width="11" height="3" fill="${COLORS[i % COLORS.length]}"/>` +
        `<text x="${x + 15}" y="${y}">${escaped(name)}</text>`,
    );
    x += space;
  }
  const svg = `<g transform="translate(0 ${height - 10 - (rows.length - 1) * LEGEND_ROW})" font-size="11" fill="#57606a">${rows.flat().join("")}</g>`;
  return { rows: rows.length, svg };
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
