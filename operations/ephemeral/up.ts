import { parseTtl, schema } from "../../stack/ephemeral";
import { Engine } from "../engine/engine";
import { PROJECT } from "../../lib/repository";
import { Backend } from "./backend";
import { configure } from "./configure";
import { type EphemeralRecord, forgets } from "./record";
import { type Request, recordOf } from "./request";
import { clouds, committed, folderOf, isCommitted, prepare } from "./stack-file";

export interface UpResult extends EphemeralRecord {
  readonly stack: string;
  /** Whether this call created the stack. */
  readonly created: boolean;
  readonly clusterName: string;
  readonly namespace: string;
  readonly registry?: string;
}

export interface UpOptions {
  readonly say: (text: string) => void;
  /** Milliseconds since 1970. */
  readonly now?: number;
}

/** Creates a cluster that lives for a limited time, with Ralph on it; or updates an existing one. */
export async function up(request: Request, { say, now = Date.now() }: UpOptions): Promise<UpResult> {
  const backend = new Backend();
  const there = await backend.find(request.name);
  const record = recordOf(request, there, { clouds: clouds(), isCommitted, now, usualTtl });
  const { name } = request;

  if (there === undefined) {
    say(`Creating stack ${name}, which expires at ${record.expires} ...`);
    prepare(name);
    await backend.create(name, folderOf(name), committed(record.cloud).encryption.secretsprovider);
  } else {
    say(`Stack ${name} expires at ${record.expires}.`);
  }
  // Before the first resource: whatever happens from here on, `down` and `reap` recognize the stack.
  if (JSON.stringify(there?.record) !== JSON.stringify(record)) {
    if (forgets(record))
      say("Too many --set values to store in the stack's tag; pass them again on every run.");
    await backend.write(name, record);
  }

  const engine = await Engine.open(name, { say }, await configure(name, record, { say }));
  await engine.command(["up", "--yes", "--skip-preview"]);
  const { resources } = await engine.state();
  const { clusterName, namespace, registry } =
    resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {};
  return {
    stack: name,
    ...record,
    created: there === undefined,
    clusterName: clusterName as string,
    namespace: namespace as string,
    ...(registry === undefined ? {} : { registry: registry as string }),
  };
}

/** The time to live of the committed stack file, or the schema's default. */
function usualTtl(cloud: string): string {
  const { ttl } = (committed(cloud).config[`${PROJECT}:ephemeral`] ?? {}) as { ttl?: string };
  return ttl !== undefined && parseTtl(ttl) !== undefined ? ttl : schema.parse({}).ttl;
}
