/** One cloud: the effect of a provider's calls on a world, by the rows of a table. Independent of gRPC. */
import { createHash } from "node:crypto";

import { Calls, type Subject } from "./calls";
import { deletedWith } from "./deletion";
import { type Change, changesOf } from "./diff";
import { hasUnknown, UNKNOWN } from "./engine-values";
import { InitFailed, Refusal } from "./errors";
import { autonamed, isAutonamed } from "./names";
import { merged, withUnknownOutputs } from "./planning";
import { readInputs } from "./projection";
import { isIdentifiedBy, referencesOf, refersTo, rowOf } from "./references";
import { sdkType, type SdkType } from "./sdk";
import type {
  Companion,
  Context,
  Fault,
  PluginName,
  PluginTable,
  Resource,
  Row,
  Takes,
  Token,
  Values,
} from "./types";
import { type Failure, failures } from "./validate";
import { refusalOf } from "./vendor/accounts";
import type { World } from "./world";

export interface Created {
  readonly id: string;
  readonly properties: Values;
}

/** The current and the desired state of a resource. */
export interface Changed {
  readonly id: string;
  /** Its outputs in the engine's state. */
  readonly state: Values;
  /** Its inputs in the engine's state. */
  readonly before: Values;
  readonly inputs: Values;
}

/** Seconds that a provider waits if the program sets no timeout. */
const DEFAULT_TIMEOUT = 3600;

export class StubCloud {
  private config: Values = {};
  private readonly calls: Calls;

  constructor(
    private readonly plugin: PluginName,
    private readonly table: PluginTable,
    private readonly world: World,
  ) {
    this.calls = new Calls(plugin, table, world);
  }

  configure(config: Values): void {
    const { account } = this.table;
    const refusal = account && refusalOf(account, this.world.dir, process.env);
    if (refusal !== undefined) throw new Refusal(refusal);
    this.config = { ...config, ...this.table.session?.(this.world.dir) };
    this.world.record({ plugin: this.plugin, method: "Configure", outcome: "ok" });
  }

  /** Changed keys of the provider's configuration that mean another account or location. */
  configReplaces = (before: Values, after: Values): string[] =>
    this.table.replaceOnConfig.filter((key) => before[key] !== after[key]);

  /** Ends all waits: the engine is about to exit. */
  cancel(): void {
    this.calls.cancel();
  }

  async check(
    subject: Subject,
    before: Values,
    inputs: Values,
    seed: Uint8Array,
  ): Promise<{ inputs: Values; failures: Failure[] }> {
    const { token, name } = subject;
    const row = rowOf(this.table, token);
    const named = autonamed(row, name, before, inputs, seed);
    const checked = { ...row.defaults, ...named };
    const result = this.calls.local("Check", subject, () => {
      const found = [
        ...failures(checked, this.sdk(token), row, this.table.closedEnums),
        ...this.table.requiresConfig
          .filter((key) => this.config[key] === undefined)
          .map((key) => ({ property: "", reason: `the provider's configuration has no ${key}` })),
      ];
      return { inputs: checked, failures: found };
    });
    if (result.failures.length === 0) this.world.register(token, inputs);
    return result;
  }

  diff(
    subject: Subject,
    { id, before, after }: { id: string; before: Values; after: Values },
  ): { changes: Change[]; deleteBeforeReplace: boolean } {
    const row = rowOf(this.table, subject.token);
    const changes = changesOf(before, after, row.replaceOn ?? []);
    const replaces = changes.some((change) => change.replaces);
    return this.calls.local(
      "Diff",
      subject,
      () => ({ changes, deleteBeforeReplace: replaces && this.wouldCollide(row, subject, id, after) }),
      { id },
    );
  }

  /** Two resources of one name cannot exist at the same time. */
  private wouldCollide(row: Row, subject: Subject, id: string, after: Values): boolean {
    const { autoname } = row;
    if (autoname !== undefined) return !isAutonamed(row, after[autoname.property], subject.name);
    return this.idOf(row, subject, after, -1) === id;
  }

  async create(subject: Subject, inputs: Values, preview: boolean, timeout: number): Promise<Created> {
    const { token } = subject;
    const row = rowOf(this.table, token);
    if (preview) {
      return this.calls.local(
        "Create",
        subject,
        () => ({ id: "", properties: this.planned(row, subject, inputs) }),
        {
          preview,
        },
      );
    }
    return this.calls.remote("Create", subject, async (fault) => {
      const { resource, failure } = await this.world.change((resources, serial) => {
        this.refuseInputs(row, subject, inputs, resources, true);
        const created = this.resource(row, subject, inputs, serial, fault);
        const existing = resources.find((each) => each.token === token && each.id === created.id);
        if (existing !== undefined) throw new Refusal(this.table.refusals.exists(token, created.id));
        const companions = this.companions(row, subject, created);
        return {
          result: {
            resource: created,
            failure: row.fails?.(inputs, this.context(subject, resources, serial)),
          },
          resources: [...resources, created, ...companions],
          created: 1 + companions.length,
        };
      });
      const { id, outputs } = resource;
      if (fault?.does === "partial") throw new InitFailed(`${token} ${id} did not come up`, id, outputs);
      if (failure !== undefined) {
        await this.calls.pause(this.scaled(timeout > 0 ? timeout : DEFAULT_TIMEOUT));
        throw new InitFailed(failure, id, outputs);
      }
      await this.waitUntilDone(
        resource.ready,
        row.takes?.create,
        timeout,
        (message) => new InitFailed(message, id, outputs),
      );
      return { id, properties: outputs };
    });
  }

  async update(subject: Subject, change: Changed, preview: boolean, timeout: number): Promise<Values> {
    const { id, inputs } = change;
    const row = rowOf(this.table, subject.token);
    if (preview)
      return this.calls.local("Update", subject, () => this.plannedUpdate(row, subject, change), {
        id,
        preview,
      });
    return this.calls.remote(
      "Update",
      subject,
      async (fault) => {
        const ready = Date.now() + this.scaled(row.takes?.update);
        const outputs = await this.world.change((resources) => {
          const old = resources.find((each) => each.id === id && each.token === subject.token);
          if (old === undefined) throw new Refusal(this.table.refusals.notFound(subject.token, id));
          if (old.ready > Date.now()) throw new Refusal(this.table.refusals.notReady(old));
          this.refuseInputs(row, subject, inputs, resources, false);
          const changed = {
            ...old,
            inputs,
            outputs: this.outputs(row, subject, inputs, id, old.serial),
            ready,
          };
          const companions = this.companions(row, subject, changed);
          return {
            result: changed.outputs,
            resources: resources.map((each) =>
              each === old ? changed : (companions.find((one) => one.id === each.id) ?? each),
            ),
          };
        });
        if (fault?.does === "partial")
          throw new InitFailed(`${subject.token} ${id} is not as it should be`, id, outputs);
        await this.waitUntilDone(
          ready,
          row.takes?.update,
          timeout,
          (message) => new InitFailed(message, id, outputs),
        );
        return outputs;
      },
      id,
    );
  }

  /**
   * Undefined if it does not exist any more.
   *
   * @param known what the engine has of it; nothing in an import
   */
  async read(
    subject: Subject,
    id: string,
    known: Pick<Changed, "inputs" | "state"> = { inputs: {}, state: {} },
  ): Promise<{ id: string; inputs: Values; properties: Values } | undefined> {
    const { importId } = rowOf(this.table, subject.token);
    return this.calls.remote(
      "Read",
      subject,
      async () => {
        const found = this.world.resources.find(
          (each) =>
            each.token === subject.token && (each.id === id || importId?.(each.outputs, each.id) === id),
        );
        if (found === undefined) return undefined;
        const isProjected = this.table.readsInputs === "projected" && Object.keys(known.state).length > 0;
        const inputs = isProjected
          ? readInputs(this.sdk(subject.token), known.inputs, known.state, found.outputs)
          : found.inputs;
        return { id: found.id, inputs, properties: found.outputs };
      },
      id,
    );
  }

  async delete(subject: Subject, id: string, timeout: number): Promise<void> {
    const { takes } = rowOf(this.table, subject.token);
    await this.calls.remote(
      "Delete",
      subject,
      async () => {
        const end = await this.requestDeletion({ id, token: subject.token });
        if (end === undefined) return; // it is deleted already
        await this.waitUntilDone(end, takes?.delete, timeout, (message) => new Refusal(message));
      },
      id,
    );
  }

  /** Begins a deletion. Returns when it will be complete; undefined if there is no such resource. */
  async requestDeletion({ id, token }: Pick<Resource, "id" | "token">): Promise<number | undefined> {
    const row = rowOf(this.table, token);
    const end = Date.now() + this.scaled(row.takes?.delete);
    return this.world.change((resources, serial) => {
      const target = resources.find((each) => each.id === id && each.token === token);
      if (target === undefined) return { result: undefined };
      const deleted = deletedWith(target, resources, this.table);
      const left = this.left(row, { token, name: "", urn: "" }, target, resources, serial);
      const marked = resources.map((each) =>
        deleted.includes(each) ? { ...each, deleted: each.deleted ?? end } : each,
      );
      return { result: end, resources: [...marked, ...left], created: left.length };
    });
  }

  async invoke(token: Token, args: Values): Promise<Values> {
    const subject = { token, name: "", urn: "" };
    return this.calls.remote("Invoke", subject, async () => {
      const invoke = this.table.invokes[token];
      if (invoke === undefined) throw new Refusal(`no such function: ${token}; add it to the stub's invokes`);
      return invoke(args, this.context(subject, this.world.resources, 0));
    });
  }

  private refuseInputs(
    row: Row,
    subject: Subject,
    inputs: Values,
    resources: readonly Resource[],
    isNew: boolean,
  ): void {
    const { refusals, closed } = this.table;
    const unavailable = closed?.(subject.token, this.config);
    if (unavailable !== undefined) throw new Refusal(unavailable);
    const visible = resources.filter((each) => each.visible === undefined || each.visible <= Date.now());
    for (const reference of referencesOf(inputs, subject.token, this.table)) {
      const { value, ref } = reference;
      if (ref.except?.test(String(value)) === true) continue;
      const found = visible.find(
        (each) => each.plugin === this.plugin && refersTo(reference, each, this.table),
      );
      const [to = ""] = [ref.to].flat();
      if (found === undefined || found.deleted !== undefined)
        throw new Refusal(refusals.notFound(to, String(value)));
      if (found.ready > Date.now()) throw new Refusal(refusals.notReady(found));
    }
    const [reason] = row.check?.(inputs, { ...this.context(subject, resources, 0), isNew }) ?? [];
    if (reason !== undefined) throw new Refusal(refusals.invalid(subject.token, reason));
  }

  private resource(
    row: Row,
    subject: Subject,
    inputs: Values,
    serial: number,
    fault: Fault | undefined,
  ): Resource {
    const now = Date.now();
    const ready = now + this.scaled(row.takes?.create);
    const { seconds = 0, createdOn } = row.visibleAfter ?? {};
    const hidden = this.scaled(seconds) + (fault?.does === "invisible" ? (fault.ms ?? 0) : 0);
    const visible = ready + hidden;
    const id = this.idOf(row, subject, inputs, serial);
    return {
      plugin: this.plugin,
      token: subject.token,
      id,
      name: subject.name,
      urn: subject.urn,
      inputs,
      outputs: {
        ...this.outputs(row, subject, inputs, id, serial),
        ...(createdOn !== undefined && { [createdOn]: new Date(visible - seconds * 1000).toISOString() }),
      },
      created: now,
      ready,
      serial,
      ...(hidden > 0 && { visible }),
    };
  }

  /** What the cloud creates with a resource. */
  private companions(row: Row, subject: Subject, owner: Resource): Resource[] {
    const context = this.context(subject, this.world.resources, owner.serial);
    const { id, created, ready, serial } = owner;
    return (row.creates?.(owner.outputs, id, context) ?? []).map((companion, i) => ({
      ...this.unmanaged(companion, serial + 1 + i, created, ready),
      owner: id,
    }));
  }

  /** What the cloud creates once a resource is deleted. */
  private left(
    row: Row,
    subject: Subject,
    { id, outputs }: Resource,
    resources: readonly Resource[],
    serial: number,
  ): Resource[] {
    const now = Date.now();
    const context = this.context(subject, resources, serial);
    return (row.leaves?.(outputs, id, context) ?? []).map((each, i) =>
      this.unmanaged(each, serial + i, now, now),
    );
  }

  private unmanaged(
    { token, id, outputs }: Companion,
    serial: number,
    created: number,
    ready: number,
  ): Resource {
    return { plugin: this.plugin, token, id, inputs: {}, outputs, created, ready, serial };
  }

  private idOf(row: Row, subject: Subject, inputs: Values, serial: number): string {
    const context = this.context(subject, this.world.resources, serial);
    return row.id?.(inputs, context) ?? this.table.id(inputs, context, subject.token);
  }

  private outputs(row: Row, subject: Subject, inputs: Values, id: string, serial: number): Values {
    const context = this.context(subject, this.world.resources, serial);
    return {
      ...inputs,
      ...this.table.outputs(inputs, id, context, subject.token),
      ...row.planned?.(inputs, context),
      ...row.outputs?.(inputs, id, context),
    };
  }

  /** Outputs in the preview of a creation. */
  private planned(row: Row, subject: Subject, inputs: Values): Values {
    const unknown = Object.entries(this.sdk(subject.token).outputs)
      .filter(([, definite]) => definite || this.table.unknownAtFirst === "all")
      .map(([key]) => [key, UNKNOWN] as const);
    const known = hasUnknown(inputs) ? {} : row.planned?.(inputs, this.context(subject, [], 0));
    return { ...Object.fromEntries(unknown), ...this.withUnknownOutputs(row, subject, inputs), ...known };
  }

  /** Outputs in the preview of an update. */
  private plannedUpdate(row: Row, subject: Subject, { state, before, inputs }: Changed): Values {
    const { keptByUpdatePreview: kept } = this.table;
    if (kept === "all") return merged(state, before, inputs);
    const old = kept.filter((key) => state[key] !== undefined).map((key) => [key, state[key]] as const);
    return { ...this.planned(row, subject, inputs), ...Object.fromEntries(old) };
  }

  private withUnknownOutputs(row: Row, subject: Subject, inputs: Values): Values {
    try {
      return withUnknownOutputs(this.outputs(row, subject, inputs, UNKNOWN, 0), inputs) as Values;
    } catch {
      return inputs; // a row may need a value that is not known yet
    }
  }

  private context({ token, name }: Subject, resources: readonly Resource[], serial: number): Context {
    const { seed, apiServer, quotas = {} } = this.world.options;
    return {
      config: this.config,
      name,
      apiServer,
      random: (length, salt = "") =>
        createHash("sha512")
          .update(JSON.stringify([seed, token, name, serial, salt]))
          .digest("hex")
          .slice(0, length),
      all: (wanted) => resources.filter((each) => each.token === wanted && each.deleted === undefined),
      isNew: false,
      quotas,
      find: (wanted, value) =>
        resources.find((each) => each.token === wanted && isIdentifiedBy(each, value, this.table)),
    };
  }

  private sdk(token: Token): SdkType {
    const type = sdkType(this.plugin, token);
    if (type === undefined) throw new Refusal(`unrecognized resource type: ${token}`);
    return type;
  }

  private scaled = (seconds = 0): number => seconds * 1000 * this.world.options.timeScale;

  /** Waits until the cloud is done, or fails when the timeout passes first. */
  private async waitUntilDone(
    at: number,
    takes: Takes[keyof Takes],
    timeout: number,
    failure: (message: string) => Error,
  ): Promise<void> {
    const seconds = timeout > 0 ? timeout : DEFAULT_TIMEOUT;
    const late = (takes ?? 0) > seconds;
    // A timer drops fractions of a millisecond, and the next call would find the resource unfinished.
    await this.calls.pause(late ? this.scaled(seconds) : Math.max(0, Math.ceil(at - Date.now()) + 1));
    if (late) throw failure(`timeout while waiting for state to become 'RUNNING' (timeout: ${seconds}s)`);
  }
}
