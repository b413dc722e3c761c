/**
 * Saves this process's environment; the returned function restores it key by key. An object in place of
 * `process.env` would leave the real environment, which determines the home folder, unchanged.
 */
export function environment(): () => void {
  const saved = { ...process.env };
  return () => {
    for (const name of Object.keys(process.env))
      if (!(name in saved)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, saved);
  };
}
