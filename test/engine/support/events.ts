import { existsSync, readFileSync } from "node:fs";

/** What the engine does, or will do, with one resource. */
export interface Operation {
  /** `create`, `update`, `delete`, `same`, `replace`, `create-replacement`, `delete-replaced`, `refresh` ... */
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** Paths of the properties that differ. */
  readonly diffs: readonly string[];
}

/** A message that the engine prints for users: `info`, `info#err`, `warning` or `error`. */
export interface Diagnostic {
  readonly severity: string;
  readonly urn?: string;
  readonly message: string;
  /** A progress message, such as what the engine waits for, which the next one overwrites. */
  readonly ephemeral?: boolean;
}

/** What the engine reports about a run while it is running. */
export interface Events {
  /** Each resource once for each step planned for it, in order. */
  readonly operations: readonly Operation[];
  /** URNs of the steps that succeeded, with their operation. */
  readonly done: readonly Operation[];
  readonly diagnostics: readonly Diagnostic[];
  /** Number of resources by operation, once the run has ended. */
  readonly summary?: Readonly<Record<string, number>>;
}

interface Step {
  readonly metadata: {
    readonly op: string;
    readonly urn: string;
    readonly type: string;
    readonly diffs?: readonly string[] | null;
  };
}

interface EngineEvent {
  readonly resourcePreEvent?: Step;
  readonly resOutputsEvent?: Step;
  readonly diagnosticEvent?: Diagnostic;
  readonly summaryEvent?: { readonly resourceChanges: Readonly<Record<string, number>> };
}

/** Reads an event log, even while it is being written: the last line may be incomplete. */
export function readEvents(file: string): Events {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const events = text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as EngineEvent);
  const steps = (pick: (event: EngineEvent) => Step | undefined): Operation[] =>
    events.flatMap((event) => {
      const step = pick(event);
      return step === undefined ? [] : operation(step);
    });
  return {
    operations: steps(({ resourcePreEvent }) => resourcePreEvent),
    done: steps(({ resOutputsEvent }) => resOutputsEvent),
    diagnostics: events.flatMap(({ diagnosticEvent }) => diagnosticEvent ?? []).filter(isShown),
    summary: events.find(({ summaryEvent }) => summaryEvent !== undefined)?.summaryEvent?.resourceChanges,
  };
}

function operation({ metadata: { op, urn, type, diffs } }: Step): Operation {
  return { op, urn, type, name: urn.slice(urn.lastIndexOf("::") + 2), diffs: diffs ?? [] };
}

const isShown = ({ severity, ephemeral }: Diagnostic): boolean => severity !== "debug" && ephemeral !== true;

/** The steps that change something. */
export const changes = (operations: readonly Operation[]): Operation[] =>
  operations.filter(({ op }) => !["same", "read", "refresh"].includes(op));

/** A line for each of them, such as `update Deployment ralph`; a replacement's two halves count as one. */
export const touched = (operations: readonly Operation[]): string[] =>
  changes(operations)
    .filter(({ op }) => !/-replace/.test(op))
    .map(({ op, type, name }) => `${op} ${type.slice(type.lastIndexOf(":") + 1)} ${name}`)
    .sort();
