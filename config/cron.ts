/** The fields of a schedule, with the bounds of the CronJob controller's parser (robfig/cron, `ParseStandard`). */
const FIELDS: readonly { readonly min: number; readonly max: number; readonly names?: readonly string[] }[] =
  [
    { min: 0, max: 59 },
    { min: 0, max: 23 },
    { min: 1, max: 31 },
    {
      min: 1,
      max: 12,
      names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    },
    // Sunday is 0, and 7 is invalid.
    { min: 0, max: 6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
  ];
const MACRO = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/;
/** A value or a range, and a step. */
const PART = /^(?:[*?]|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/;

/**
 * Whether Kubernetes accepts the text as a schedule: five fields or a macro. It supports no seconds, no L, W, # or H,
 * and no time zone, which has its own key.
 */
export function isCron(text: string): boolean {
  const fields = text.trim().split(/\s+/);
  return MACRO.test(text) || (fields.length === FIELDS.length && fields.every(isField));
}

const isField = (text: string, index: number): boolean => rangesOf(text, index) !== undefined;

/** The values of a valid field, in their order. */
function valuesOf(text: string, index: number): number[] {
  const values = (rangesOf(text, index) ?? []).flatMap(({ low, high, step }) =>
    Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, i) => low + i * step),
  );
  return [...new Set(values)].sort((one, other) => one - other);
}

interface Range {
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

/** Undefined if the field is not valid. */
function rangesOf(text: string, index: number): readonly Range[] | undefined {
  const { min, max, names = [] } = FIELDS[index] ?? { min: 0, max: 0 };
  const value = (word: string) => {
    const named = names.indexOf(word.toLowerCase());
    return named >= 0 ? named + min : /^\d+$/.test(word) ? Number(word) : NaN;
  };
  const ranges = text.split(",").flatMap((part): Range[] => {
    const [whole, from, to, by] = PART.exec(part) ?? [];
    const step = Number(by ?? 1);
    if (whole === undefined || step < 1) return [];
    if (from === undefined) return [{ low: min, high: max, step }];
    // A value with a step goes on to the end.
    const [low, high] = [value(from), to === undefined && by !== undefined ? max : value(to ?? from)];
    return min <= low && low <= high && high <= max ? [{ low, high, step }] : [];
  });
  return ranges.length === text.split(",").length ? ranges : undefined;
}

const MACROS: Readonly<Record<string, string>> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
};
const DAY = 86_400_000;

/** Seconds between two times of a schedule, at most. Undefined if it has fewer than two in two years. */
export function longestPause(text: string): number | undefined {
  const fields = (MACROS[text] ?? text).trim().split(/\s+/);
  const [minutes = [], hours = [], days = [], months = [], weekdays = []] = fields.map(valuesOf);
  const isAny = (index: number): boolean => /^[*?]/.test(fields[index] ?? "");
  let last: number | undefined;
  let longest: number | undefined;
  for (let day = 0; day < 2 * 366; day++) {
    const date = new Date(day * DAY);
    const [inMonth, inWeek] = [days.includes(date.getUTCDate()), weekdays.includes(date.getUTCDay())];
    // As cron has it: two limits are alternatives.
    const isDue = isAny(2) || isAny(4) ? inMonth && inWeek : inMonth || inWeek;
    if (!isDue || !months.includes(date.getUTCMonth() + 1)) continue;
    for (const hour of hours)
      for (const minute of minutes) {
        const time = day * 86_400 + hour * 3600 + minute * 60;
        if (last !== undefined) longest = Math.max(longest ?? 0, time - last);
        last = time;
      }
  }
  return longest;
}
