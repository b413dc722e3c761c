import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

/** How a command in a container ends. `code` undefined: the connection breaks off. */
export interface End {
  readonly code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/**
 * A stand-in of an API server that lists objects and runs commands in containers. Its protocol is that of
 * `v5.channel.k8s.io`: a binary frame's first byte is 1 for stdout, 2 for stderr, 3 for the status
 * (https://kubernetes.io/docs/reference/using-api/cluster-level-pod-security/ and
 * k8s.io/apimachinery/pkg/util/remotecommand).
 */
export async function serveExec(
  lists: (path: string) => readonly object[],
  execute: (pod: string, command: readonly string[]) => Promise<End | "forbidden">,
): Promise<{ readonly address: string; readonly server: Server }> {
  const server = createServer(({ url = "" }, response) => {
    const { pathname } = new URL(url, "http://x");
    response.end(JSON.stringify(pathname === "/version" ? {} : { items: lists(pathname) }));
  });
  server.on("upgrade", (request, socket) => void upgrade(request, socket, execute));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

async function upgrade(
  { url = "", headers }: IncomingMessage,
  socket: Duplex,
  execute: (pod: string, command: readonly string[]) => Promise<End | "forbidden">,
): Promise<void> {
  socket.on("error", () => undefined); // the client may leave first
  const { pathname, searchParams } = new URL(url, "http://x");
  const end = await execute(pathname.split("/").at(-2) ?? "", searchParams.getAll("command"));
  if (end === "forbidden") return void socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  const accept = createHash("sha1")
    .update(`${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`) // RFC 6455, section 1.3
    .digest("base64");
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\n\r\n`,
  );
  const { code, stdout = "", stderr = "" } = end;
  for (const [stream, text] of [
    [1, stdout],
    [2, stderr],
  ] as const)
    if (text !== "") socket.write(frame(stream, text));
  if (code !== undefined) socket.write(frame(3, JSON.stringify(status(code))));
  socket.end();
}

function frame(stream: number, text: string): Buffer {
  const payload = Buffer.concat([Buffer.from([stream]), Buffer.from(text)]);
  const head = Buffer.from([0x82, 126, 0, 0]); // a binary frame, its length in two bytes
  head.writeUInt16BE(payload.length, 2);
  return payload.length < 126
    ? Buffer.concat([Buffer.from([0x82, payload.length]), payload])
    : Buffer.concat([head, payload]);
}

/** As kubelet reports the end of a command (k8s.io/kubelet/pkg/cri/streaming/remotecommand/exec.go). */
const status = (code: number): object =>
  code === 0
    ? { status: "Success" }
    : {
        status: "Failure",
        reason: "NonZeroExitCode",
        message: `command terminated with non-zero exit code ${code}`,
        details: { causes: [{ reason: "ExitCode", message: String(code) }] },
      };
