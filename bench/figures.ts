/** One row of the table: this program compared with the usual way, measured in the same run. */
export interface Figure {
  readonly name: string;
  readonly unit: "s" | "MB";
  readonly ours: number;
  readonly baseline: number;
  /** ours / baseline: below 1 is better than the usual way. */
  readonly ratio: number;
}

export function figure(name: string, unit: Figure["unit"], ours: number, baseline: number): Figure {
  const round = (value: number) => Math.round(value * 100) / 100;
  return { name, unit, ours: round(ours), baseline: round(baseline), ratio: round(ours / baseline) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

export function table(figures: readonly Figure[]): string {
  const rows = [
    ["", "ours", "usual", "ratio"],
    ...figures.map(({ name, unit, ours, baseline, ratio }) => [
      name,
      `${ours} ${unit}`,
      `${baseline} ${unit}`,
      String(ratio),
    ]),
  ];
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows
    .map(([name = "", ...cells]) =>
      [name.padEnd(width(0)), ...cells.map((cell, i) => cell.padStart(width(i + 1)))].join("   "),
    )
    .join("\n");
}
