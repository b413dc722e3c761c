import { REPOSITORY } from "../../lib/repository";
import { pulumi } from "../engine/command";
import { nameOf, type Resource } from "../engine/state";
import type { Candidate } from "./decide";
import { type EphemeralRecord, fromTag, RECORD_TAG, toTag } from "./record";

/** The stacks of this project in the caller's backend. */
export class Backend {
  /** Names, and whether the backend reports an update in progress. */
  async list(): Promise<readonly { readonly name: string; readonly busy: boolean }[]> {
    const stacks = await this.json<{ name: string; updateInProgress?: boolean }[]>(["stack", "ls", "--json"]);
    return stacks.map(({ name, updateInProgress = false }) => ({
      // Prefixed with the organization, unless that is the caller's default.
      name: name.slice(name.lastIndexOf("/") + 1),
      busy: updateInProgress,
    }));
  }

  /** What the backend knows of a stack; undefined if it does not exist. */
  async find(name: string): Promise<Candidate | undefined> {
    const listed = (await this.list()).find((each) => each.name === name);
    return listed === undefined ? undefined : this.inspect(listed);
  }

  /** Reads a stack's tag and state, without decrypting secrets. Changes nothing. */
  async inspect({ name, busy }: { readonly name: string; readonly busy: boolean }): Promise<Candidate> {
    const [tags, exported] = await Promise.all([
      this.json<Readonly<Record<string, string>>>(["stack", "tag", "ls", "--json", "--stack", name]),
      this.json<Exported>(["stack", "export", "--stack", name]),
    ]);
    const tag = tags[RECORD_TAG];
    const record = tag === undefined ? undefined : fromTag(tag);
    const resources = exported.deployment?.resources ?? [];
    const root = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
    const { lifetime } = root?.outputs ?? {};
    return {
      stack: name,
      project: resources[0]?.urn.split("::")[1],
      record,
      unreadable: tag !== undefined && record === undefined ? tag : undefined,
      output: typeof lifetime?.expires === "string" ? (lifetime as Candidate["output"]) : undefined,
      finished: Object.keys(root?.outputs ?? {}).length > 0,
      resources: resources.length,
      guarded: resources.filter(({ protect }) => protect === true).map(({ urn }) => nameOf(urn)),
      busy,
    };
  }

  async write(name: string, record: EphemeralRecord): Promise<void> {
    await this.run(["stack", "tag", "set", RECORD_TAG, toTag(record), "--stack", name]);
  }

  /** Creates a stack of the project in a folder, where the engine writes the stack's file. */
  async create(name: string, folder: string, secretsProvider?: string): Promise<void> {
    const provider = secretsProvider === undefined ? [] : ["--secrets-provider", secretsProvider];
    await this.run(["stack", "init", name, "--no-select", ...provider], folder);
  }

  /** Removes an empty stack. */
  async remove(name: string): Promise<void> {
    await this.run(["stack", "rm", name, "--yes", "--preserve-config"]);
  }

  private async json<T>(args: readonly string[]): Promise<T> {
    return JSON.parse(await this.run(args)) as T;
  }

  private async run(args: readonly string[], cwd = REPOSITORY): Promise<string> {
    return (await pulumi(args, { cwd })).stdout;
  }
}

interface Exported {
  readonly deployment?: { readonly resources?: readonly Resource[] };
}
