/** What a judge hears and says. */
export interface Subject {
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export type Say = (path: string, problem: string) => void;

/** Whether a value came from a mock, or is not known in a preview: nothing can be said of it. */
export type Mocked = (value: unknown) => boolean;

export type Judge = (subject: Subject, say: Say, mocked: Mocked) => void;

export const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value);

/** A value as a finding shows it. */
export const shown = (value: unknown): string => JSON.stringify(value).slice(0, 100);
