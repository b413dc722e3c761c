import { ENDPOINTS } from "./contract";
import type { Metrics } from "./metrics";

/** An HTML page without scripts that shows the current state. */
export function statusPage(
  metrics: Metrics,
  problem: string | undefined,
  linksMetrics: boolean,
  now = Date.now(),
): string {
  const { current, iterations, prompts, lastProgress, recent } = metrics;
  const ago = (time: number): string => `${Math.round((now - time) / 1000)} s ago`;
  const rows: [string, string][] = [
    ["State", problem ?? (current === undefined ? "idle" : "running")],
    ...(current === undefined
      ? []
      : ([
          ["Prompt", current.name],
          ["Agent", current.agent],
          ["Started", ago(current.since)],
          ["Iterations", String(iterations)],
        ] as [string, string][])),
    ["Last progress", ago(lastProgress)],
    ...Object.entries(prompts).map(([state, count]): [string, string] => [`Prompts ${state}`, String(count)]),
  ];
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Ralph</title>',
    "<style>body{font:16px sans-serif;margin:2em}td,th{text-align:left;padding:.2em 1em .2em 0}</style>",
    "<h1>Ralph</h1>",
    table(rows.map(([name, value]) => ["th", name, "td", value])),
    recent.length === 0 ? "" : "<h2>Recent runs</h2>",
    table(
      recent.map(({ name, outcome, seconds }) => [
        "td",
        name,
        "td",
        outcome,
        "td",
        `${Math.round(seconds)} s`,
      ]),
    ),
    linksMetrics ? `<p><a href="${ENDPOINTS.metrics}">Metrics</a></p>` : "",
    "</html>",
  ].join("\n");
}

/** @param rows pairs of a cell's element and its text */
function table(rows: string[][]): string {
  if (rows.length === 0) return "";
  const cells = (row: string[]): string =>
    row.map((each, i) => (i % 2 === 0 ? `<${each}>` : `${escape(each)}</${row[i - 1]}>`)).join("");
  return `<table>${rows.map((row) => `<tr>${cells(row)}</tr>`).join("\n")}</table>`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
