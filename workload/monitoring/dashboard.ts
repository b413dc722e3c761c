import { createHash } from "node:crypto";
import { selectorOf } from "./expressions";
import { type Panel, panels } from "./panels";

/** Grafana divides a row into so many columns. */
const COLUMNS = 24;
const HEIGHT = { stat: 4, timeseries: 8 } as const;
/** The oldest Grafana that the schema below needs is 10: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/ */
const SCHEMA_VERSION = 38;
/** The Prometheus that the reader chooses. */
const DATASOURCE = { type: "prometheus", uid: "${datasource}" };

/** A dashboard of one stack, as Grafana's JSON model. */
export const dashboard = (namespace: string): object => ({
  // Grafanas are shared: two dashboards with one uid would replace each other. It has 40 characters at most.
  uid: `ralph-${createHash("sha256").update(namespace).digest("hex").slice(0, 12)}`,
  title: `Ralph (${namespace})`,
  tags: ["ralph"],
  timezone: "browser",
  editable: true,
  schemaVersion: SCHEMA_VERSION,
  refresh: "1m",
  time: { from: "now-24h", to: "now" },
  templating: {
    list: [{ name: "datasource", label: "Prometheus", type: "datasource", query: "prometheus", hide: 0 }],
  },
  panels: placed(panels(selectorOf(namespace))),
});

function placed(rows: readonly (readonly Panel[])[]): object[] {
  let y = 0;
  return rows.flatMap((row, index) => {
    const top = y;
    const height = Math.max(...row.map(({ type }) => HEIGHT[type]));
    y += height;
    const w = COLUMNS / row.length;
    return row.map(({ title, description, type, unit, noValue, queries }, column) => ({
      id: index * 10 + column + 1,
      title,
      ...(description === undefined ? {} : { description }),
      type,
      datasource: DATASOURCE,
      gridPos: { x: column * w, y: top, w, h: height },
      fieldConfig: {
        defaults: { unit: unit ?? "short", min: 0, ...(noValue === undefined ? {} : { noValue }) },
        overrides: [],
      },
      options:
        type === "stat"
          ? { reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false }, textMode: "auto" }
          : {
              legend: { displayMode: "list", placement: "bottom", showLegend: true },
              tooltip: { mode: "multi" },
            },
      targets: queries.map(({ expression, legend }, i) => ({
        refId: String.fromCharCode("A".charCodeAt(0) + i),
        datasource: DATASOURCE,
        expr: expression,
        ...(legend === undefined ? {} : { legendFormat: legend }),
        ...(type === "stat" ? { instant: true, range: false } : { range: true }),
      })),
    }));
  });
}
