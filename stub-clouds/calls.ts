/** The calls of one plugin. Each is recorded in the ledger, and fails if the world's fault plan says so. */
import { setTimeout as delay } from "node:timers/promises";

import { InitFailed, Refusal } from "./errors";
import type { Call, Fault, Method, PluginName, PluginTable, Token } from "./types";
import type { World } from "./world";

/** A resource as the engine names it. */
export interface Subject {
  readonly urn: string;
  readonly token: Token;
  readonly name: string;
}

/** How often a provider retries when the cloud is busy. */
const RETRIES = 5;

type Note = Omit<Call, "time" | "pid" | "plugin" | "method" | "token" | "name" | "generic">;

export class Calls {
  private readonly cancelled = new AbortController();

  constructor(
    private readonly plugin: PluginName,
    private readonly table: PluginTable,
    private readonly world: World,
  ) {}

  /** Ends all waits: the engine is about to exit. */
  cancel(): void {
    this.cancelled.abort();
  }

  async pause(milliseconds: number): Promise<void> {
    if (milliseconds === 0) return;
    try {
      await delay(milliseconds, undefined, { signal: this.cancelled.signal });
    } catch {
      throw new Refusal("cancelled");
    }
  }

  /** A call that the provider handles without the cloud. */
  local<T>(method: Method, subject: Subject, work: () => T, more: Pick<Call, "id" | "preview"> = {}): T {
    const call = this.entry(method, subject);
    try {
      const result = work();
      this.world.record({ ...call, ...more, outcome: "ok" });
      return result;
    } catch (error) {
      this.world.record({ ...call, ...more, outcome: "refused", message: (error as Error).message });
      throw error;
    }
  }

  /** A call to the cloud, which may fail; the provider retries transient errors. */
  async remote<T>(
    method: Method,
    subject: Subject,
    work: (fault: Fault | undefined) => Promise<T>,
    id?: string,
  ): Promise<T> {
    const call = this.entry(method, subject);
    for (let retries = 0; ; retries++) {
      const note = (rest: Note): void =>
        this.world.record({ ...call, id, ...(retries > 0 && { retries }), ...rest });
      const fault = await this.world.fault(call);
      if (fault !== undefined) {
        const message = this.refusal(fault, method, subject.token);
        if (RETRIED.includes(fault.does) && retries < RETRIES) {
          await this.pause(10 * 2 ** retries);
          continue;
        }
        if (message !== undefined || ["die", "hang"].includes(fault.does))
          note({ outcome: fault.does, message });
        if (message !== undefined) throw new Refusal(message);
        if (fault.does === "die") process.exit(1);
        if (fault.does === "hang") await this.pause(MAX_DELAY);
        if (fault.does === "slow") await this.pause(fault.ms ?? 1000);
      }
      try {
        const result = await work(fault);
        note({ outcome: fault?.does ?? "ok", ...(id === undefined && { id: idOf(result) }) });
        if (fault?.does === "dieAfter") process.exit(1);
        return result;
      } catch (error) {
        const { message } = error as Error;
        if (error instanceof InitFailed) note({ outcome: fault?.does ?? "refused", message, id: error.id });
        else note({ outcome: "refused", message });
        throw error;
      }
    }
  }

  /** The cloud's error message in place of a result. */
  private refusal({ does, message }: Fault, method: Method, token: Token): string | undefined {
    const { refusals } = this.table;
    switch (does) {
      case "throttle":
        return refusals.throttled;
      case "unavailable":
        return refusals.unavailable;
      case "quota":
        return refusals.quota(token);
      case "denied":
        return refusals.denied(method, token);
      case "expired":
        return refusals.expired;
      case "fail":
        return message ?? "Error 500: Internal error encountered.";
      default:
        return undefined;
    }
  }

  private entry(
    method: Method,
    { token, name }: Subject,
  ): Pick<Call, "plugin" | "method" | "token" | "name" | "generic"> {
    const generic = method !== "Invoke" && this.table.resources[token] === undefined;
    return { plugin: this.plugin, method, token, ...(name !== "" && { name }), ...(generic && { generic }) };
  }
}

/** Faults after which a provider retries. */
const RETRIED: readonly Fault["does"][] = ["throttle", "unavailable"];

/** The longest delay of a Node timer, in milliseconds. */
const MAX_DELAY = 2 ** 31 - 1;

const idOf = (result: unknown): string | undefined => (result as { id?: string } | undefined)?.id;
