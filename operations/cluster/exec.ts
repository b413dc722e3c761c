import { Writable } from "node:stream";
import type { V1Status } from "@kubernetes/client-node";

import { ToolError } from "../../lib/errors";
import { Refusal } from "./client";
import { type ClusterAccess, loadConfig, Unreachable } from "./login";

/** Milliseconds that a command may take. */
const PATIENCE = 120_000;

export interface Container {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

export interface Executed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command in a container to its end.
 *
 * @throws Refusal if the server does not allow it
 * @throws Unreachable if the server or the container's node does not answer
 */
export async function execIn(
  access: ClusterAccess,
  { namespace, pod, container }: Container,
  command: readonly string[],
  patience = PATIENCE,
): Promise<Executed> {
  const config = await loadConfig(access);
  const { Exec } = await import("@kubernetes/client-node");
  const [stdout, stderr] = [new Text(), new Text()];
  let timer: NodeJS.Timeout | undefined;
  const status = new Promise<V1Status>((resolve, reject) => {
    const fail = (why: string): void => reject(new Unreachable(`pod ${pod}: ${why}`));
    timer = setTimeout(() => fail(`the command did not end within ${patience / 1000} s`), patience);
    new Exec(config)
      .exec(namespace, pod, container, [...command], stdout, stderr, null, false, resolve)
      .then((socket) => {
        socket.onclose = () => fail("the connection was closed before the command ended");
      })
      .catch((error: unknown) => {
        const code = Number(/Unexpected server response: (\d+)/.exec((error as Error).message)?.[1]);
        if (code === 403) reject(new Refusal(403, { message: `pods/exec is forbidden in pod ${pod}` }));
        else fail(Number.isNaN(code) ? (error as Error).message : `the server answers ${code}`);
      });
  });
  try {
    return { code: exitCode(await status, pod), stdout: stdout.text, stderr: stderr.text };
  } finally {
    clearTimeout(timer);
  }
}

/** @throws ToolError if the command was not started */
function exitCode({ status, message, details }: V1Status, pod: string): number {
  if (status === "Success") return 0;
  const code = details?.causes?.find(({ reason }) => reason === "ExitCode")?.message;
  if (code === undefined) throw new ToolError(`pod ${pod}: ${message ?? "the command could not be started"}`);
  return Number(code);
}

class Text extends Writable {
  private readonly chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString("utf8");
  }
}
