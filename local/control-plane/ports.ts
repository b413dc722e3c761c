import { createServer } from "node:net";

// Below the ephemeral port range (from 32768), so that a restarted control plane finds its ports free again.
const MIN_PORT = 20_000;
const MAX_PORT = 32_000;

/** Whether a server on this machine could listen on that port now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** Distinct free ports, at random so that concurrent runs do not collide. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = MIN_PORT + Math.floor(Math.random() * (MAX_PORT - MIN_PORT));
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}
