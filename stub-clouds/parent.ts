/** Ends the process when its engine is gone: one that is killed cannot tell its plugins. */
export function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, 500).unref();
}
