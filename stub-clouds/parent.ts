/** Exits when the engine no longer runs: a killed engine cannot shut down its plugins. */
export function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, 500).unref();
}
