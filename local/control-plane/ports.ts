import { createServer } from "node:net";

// Below the range that kernels hand out for outgoing connections (from 32768), so that a stopped control
// plane finds its ports free again.
const FIRST = 20_000;
const LAST = 32_000;

/** Whether a server on this machine could listen there now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** Different free ports, at random so that runs which start at the same moment do not meet. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}
