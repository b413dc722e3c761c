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

function isField(text: string, index: number): boolean {
  const { min, max, names = [] } = FIELDS[index] ?? { min: 0, max: 0 };
  const value = (word: string) => {
    const named = names.indexOf(word.toLowerCase());
    return named >= 0 ? named + min : /^\d+$/.test(word) ? Number(word) : NaN;
  };
  return text.split(",").every((part) => {
    const [whole, from, to, step] = PART.exec(part) ?? [];
    if (whole === undefined || Number(step ?? 1) < 1) return false;
    if (from === undefined) return true;
    const [low, high] = [value(from), value(to ?? from)];
    return min <= low && low <= high && high <= max;
  });
}
